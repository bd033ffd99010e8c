package dev.fermata.runtime.bus;

import dev.fermata.runtime.config.KafkaConfig;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka clients with the settings that our guarantees rest on. */
public final class KafkaClients {
    private static final int MAX_POLL_RECORDS = 500;

    /** What the topics take; a body stays below it, to leave room for key and headers. */
    static final int MAX_RECORD_BYTES = 4 << 20;

    static final int MAX_BODY_BYTES = MAX_RECORD_BYTES - (64 << 10);

    /** A dead letter is the original record and some more headers. */
    static final int MAX_DEAD_LETTER_BYTES = MAX_RECORD_BYTES + (64 << 10);

    private KafkaClients() {}

    /** Idempotent, acknowledged by all in-sync replicas, in order. */
    public static Producer<String, byte[]> producer(KafkaConfig config, String clientId) {
        return new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.bootstrapServers(),
                ProducerConfig.CLIENT_ID_CONFIG,
                clientId,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                StringSerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                0,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                30_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                20_000L,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                MAX_DEAD_LETTER_BYTES));
    }

    /** Consumer protocol (KIP-848), offsets committed by hand, from the beginning for a new group. */
    public static Consumer<String, byte[]> consumer(KafkaConfig config, String group, String clientId) {
        return new KafkaConsumer<>(
                consumerSettings(config, group, clientId), new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** The same with keys as they came: strangers may write keys that are no text. */
    static Consumer<byte[], byte[]> rawConsumer(KafkaConfig config, String group, String clientId) {
        return new KafkaConsumer<>(
                consumerSettings(config, group, clientId), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static Map<String, Object> consumerSettings(KafkaConfig config, String group, String clientId) {
        return Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.bootstrapServers(),
                ConsumerConfig.GROUP_ID_CONFIG,
                group,
                ConsumerConfig.CLIENT_ID_CONFIG,
                clientId,
                ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                "consumer",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                MAX_POLL_RECORDS,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                100);
    }

    public static Admin admin(KafkaConfig config, String clientId) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.bootstrapServers(),
                AdminClientConfig.CLIENT_ID_CONFIG,
                clientId));
    }
}
