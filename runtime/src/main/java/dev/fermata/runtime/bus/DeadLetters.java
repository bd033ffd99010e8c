package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a record that cannot be handled aside: key, value and headers as they came, and the reason, origin topic, partition
 * and offset in headers {@code fermata-dlq-*}. A crash may put it aside twice.
 */
final class DeadLetters {
    private static final Logger LOGGER = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Producer<String, byte[]> producer;
    private final String topic;
    private final String service;

    DeadLetters(Producer<String, byte[]> producer, String topicPrefix, String service) {
        this.producer = producer;
        this.topic = Topic.DEAD_LETTERS.name(topicPrefix);
        this.service = service;
    }

    void put(ConsumerRecord<String, byte[]> record, String reason) {
        ProducerRecord<String, byte[]> letter = new ProducerRecord<>(topic, record.key(), record.value());
        record.headers().forEach(letter.headers()::add);
        header(letter, "reason", reason);
        header(letter, "service", service);
        header(letter, "topic", record.topic());
        header(letter, "partition", Integer.toString(record.partition()));
        header(letter, "offset", Long.toString(record.offset()));
        try {
            producer.send(letter).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException("a record could not be put to the dead letters", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while putting a record to the dead letters", e);
        }
        LOGGER.atWarn()
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("error", reason)
                .log("record put to the dead letters");
    }

    private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
        letter.headers().add("fermata-dlq-" + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
