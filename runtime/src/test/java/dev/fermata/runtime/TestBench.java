package dev.fermata.runtime;

import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ControlConfig;
import dev.fermata.runtime.config.HttpConfig;
import dev.fermata.runtime.config.KafkaConfig;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** A prefix on a broker and a control database, both for one test, and whatever services the test starts on them. */
public final class TestBench implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TestDatabase database;
    private final CommonConfig config;
    private final Vertx vertx = Vertx.vertx();
    private final Producer<String, byte[]> producer;
    private final Ulid ulids = Ulid.system();
    private final List<AutoCloseable> parts = new ArrayList<>();

    private TestBench(RealKafka kafka, RealPostgres postgres) {
        this.database = postgres.newDatabase();
        this.config = new CommonConfig(
                "test",
                new KafkaConfig(kafka.bootstrapServers(), kafka.newPrefix(), 3, (short) 1),
                new ControlConfig(
                        postgres.host(),
                        postgres.port(),
                        database.name(),
                        database.user(),
                        new Secret(database.password()),
                        4,
                        Duration.ofSeconds(10)),
                new HttpConfig("127.0.0.1", 0),
                Map.of());
        this.producer = KafkaClients.producer(config.kafka(), "test");
    }

    public static TestBench onSharedServers() {
        return new TestBench(RealKafka.shared(), RealPostgres.shared());
    }

    public static TestBench on(RealKafka kafka, RealPostgres postgres) {
        return new TestBench(kafka, postgres);
    }

    public CommonConfig config() {
        return config;
    }

    public TestDatabase database() {
        return database;
    }

    /** One instance of a service; closed with the bench where the test does not. */
    public ServiceRuntime start(String service, ServiceRuntime.Behaviour behaviour) {
        ServiceRuntime runtime = ServiceRuntime.open(service, config, vertx);
        parts.add(runtime);
        runtime.start(behaviour);
        return runtime;
    }

    /** The control database of a service, beside the service. */
    public ControlStore store(String service) {
        return closing(ControlStore.open(config.control(), service));
    }

    public <T extends AutoCloseable> T closing(T part) {
        parts.add(part);
        return part;
    }

    public Admin admin() {
        return closing(KafkaClients.admin(config.kafka(), "test-admin"));
    }

    public Envelope envelope(Message message) {
        return new Envelope(ulids.next(), "test", Instant.EPOCH, null, message);
    }

    public void send(Message... messages) throws Exception {
        for (Message message : messages) {
            send(envelope(message));
        }
    }

    public void send(Envelope envelope) throws Exception {
        Message message = envelope.message();
        send(message.topic(), message.key(), CloudEvents.headers(envelope), CloudEvents.body(envelope));
    }

    /** Any record, also one that is no message. */
    public void send(Topic topic, String key, Map<String, String> headers, byte[] body) throws Exception {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic.name(config.kafka().topicPrefix()), key, body);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record).get(60, TimeUnit.SECONDS);
    }

    /** A record as it is on a topic. */
    public record Seen(String key, Map<String, String> headers, byte[] body, int partition, long offset) {
        public String id() {
            return headers.get("ce_id");
        }

        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        public Message message() {
            try {
                return CloudEvents.read(headers, body).message();
            } catch (Exception e) {
                throw new AssertionError("no message: " + headers, e);
            }
        }
    }

    /** Everything that is on the topic now, partition by partition. */
    public List<Seen> everythingOn(Topic topic) {
        try (Consumer<String, byte[]> consumer =
                KafkaClients.consumer(config.kafka(), config.kafka().topicPrefix() + "reader", "reader")) {
            List<TopicPartition> partitions = consumer
                    .partitionsFor(topic.name(config.kafka().topicPrefix()))
                    .stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<Seen> seen = new ArrayList<>();
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(seen(record)));
            }
            return seen;
        }
    }

    private static Seen seen(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        return new Seen(record.key(), headers, record.value(), record.partition(), record.offset());
    }

    public List<String> ask(String query) {
        try {
            return database.askAll(query);
        } catch (SQLException e) {
            throw new AssertionError(query, e);
        }
    }

    /** Until the assertion holds, at most a minute. */
    public static void eventually(ThrowingRunnable assertion) {
        Awaitility.await()
                .dontCatchUncaughtExceptions()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    /** A call whose failure is the test's. */
    public static <T> T get(Callable<T> call) {
        try {
            return call.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
        producer.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        database.close();
    }
}
