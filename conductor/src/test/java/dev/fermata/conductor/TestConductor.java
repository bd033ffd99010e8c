package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ControlConfig;
import dev.fermata.runtime.config.HttpConfig;
import dev.fermata.runtime.config.KafkaConfig;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** A conductor on a real broker and a real control database, and the other services' voices. */
final class TestConductor implements AutoCloseable {
    /** The registry: {@code shop} and {@code billing} are production, {@code playground} is for development. */
    static final Map<String, TargetConfig> TARGETS = Map.of(
            "shop", target("shop", "production"),
            "billing", target("billing", "production"),
            "playground", target("playground", "development"));

    private final Vertx vertx = Vertx.vertx();
    private final TestDatabase database;
    private final ConductorConfig config;
    private final Producer<String, byte[]> producer;
    private final Ulid ulids = Ulid.system();
    private @Nullable Conductor conductor;

    /** On the servers of this JVM, with a database and topics of its own. */
    static TestConductor onSharedServers() {
        return onSharedServers("");
    }

    static TestConductor onSharedServers(String userHeader) {
        TestDatabase database = RealPostgres.shared().newDatabase();
        return new TestConductor(
                RealKafka.shared().bootstrapServers(),
                RealKafka.shared().newPrefix(),
                control(RealPostgres.shared(), database),
                userHeader,
                database);
    }

    /** @param database is dropped at the end */
    TestConductor(
            String bootstrapServers, String prefix, ControlConfig control, String userHeader, TestDatabase database) {
        this.database = database;
        KafkaConfig kafka = new KafkaConfig(bootstrapServers, prefix, 3, (short) 1);
        this.config = new ConductorConfig(
                new CommonConfig("test", kafka, control, new HttpConfig("127.0.0.1", 0), TARGETS), userHeader);
        this.producer = KafkaClients.producer(kafka, "test");
        start();
    }

    static ControlConfig control(RealPostgres server, TestDatabase database) {
        return new ControlConfig(
                server.host(),
                server.port(),
                database.name(),
                database.user(),
                new Secret(database.password()),
                6,
                Duration.ofSeconds(30));
    }

    private static TargetConfig target(String name, String environment) {
        return new TargetConfig(
                name,
                "127.0.0.1",
                5432,
                name,
                "owner",
                null,
                new Secret("top-secret"),
                environment,
                Map.of(),
                Map.of("team", "checkout"));
    }

    void start() {
        conductor = Conductor.start(config, vertx);
    }

    void stop() {
        Conductor running = conductor;
        if (running != null) {
            running.close();
            conductor = null;
        }
    }

    TestDatabase database() {
        return database;
    }

    Rest rest() {
        Conductor running = conductor;
        if (running == null) {
            throw new IllegalStateException("the conductor is stopped");
        }
        return new Rest(URI.create("http://127.0.0.1:" + running.httpPort()));
    }

    /** Posts an order and returns its id once it is accepted. */
    WorkOrderId post(String name, String... targets) {
        Rest.Reply reply =
                rest().post("/v1/work-orders", Said.document(name, targets)).expect(202);
        return new WorkOrderId(reply.text("id"));
    }

    /** A new order whose plan waits for an approval. */
    RunId awaitingApproval(String name, String target) {
        RunId run = new RunId(post(name, target), target);
        say(Said.state(run, 1, RunState.ANALYSING, null));
        say(Said.impact(run, 1));
        say(Said.state(run, 2, RunState.PREPARING, null));
        say(Said.planPrepared(run, 1));
        say(Said.rehearsed(run, 1));
        say(Said.question(run, 1));
        say(Said.state(run, 3, RunState.AWAITING_APPROVAL, Said.plan(run, 1).digest()));
        awaitState(run, RunState.AWAITING_APPROVAL);
        await().untilAsserted(() -> assertThat(runJson(run).has("approval")).isTrue());
        return run;
    }

    void awaitState(RunId run, RunState state) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(runJson(run).path("state").asText()).isEqualTo(state.wire()));
    }

    /** The run with everything that REST tells of it. */
    JsonNode runJson(RunId run) {
        for (JsonNode item : rest().get("/v1/work-orders/" + run.order() + "/runs")
                .expect(200)
                .json()
                .path("items")) {
            if (item.path("id").asText().equals(run.toString())) {
                return item;
            }
        }
        throw new AssertionError("no run " + run);
    }

    /** Says something as another service would. */
    void say(Message message) {
        say(new Envelope(ulids.next(), "fermata/supervisor", Instant.now(), null, message));
    }

    void say(Envelope envelope) {
        Map<String, String> headers = CloudEvents.headers(envelope);
        send(envelope.message().topic(), envelope.message().key(), headers, CloudEvents.body(envelope));
    }

    void send(Topic topic, String key, Map<String, String> headers, byte[] body) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic.name(config.common().kafka().topicPrefix()), key, body);
        headers.forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            producer.send(record).get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The records of a topic that the test looks for, once there is at least one; none after twenty seconds. */
    List<ConsumerRecord<String, byte[]>> records(Topic topic, Predicate<ConsumerRecord<String, byte[]>> wanted) {
        KafkaConfig kafka = config.common().kafka();
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (Consumer<String, byte[]> consumer = KafkaClients.consumer(kafka, "reader-" + ulids.next(), "reader")) {
            consumer.subscribe(List.of(topic.name(kafka.topicPrefix())));
            Instant deadline = Instant.now().plusSeconds(20);
            while (records.isEmpty() && Instant.now().isBefore(deadline)) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (wanted.test(record)) {
                        records.add(record);
                    }
                }
            }
        }
        return records;
    }

    /** The same, as messages of one type. */
    <T extends Message> List<T> messages(Topic topic, Class<T> type, Predicate<T> wanted) {
        return records(topic, record -> type.isInstance(message(record)) && wanted.test(type.cast(message(record))))
                .stream()
                .map(record -> type.cast(message(record)))
                .toList();
    }

    private static Message message(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        try {
            return CloudEvents.read(headers, record.value()).message();
        } catch (UnreadableMessageException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        stop();
        producer.close(Duration.ofSeconds(5));
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
        database.close();
    }
}
