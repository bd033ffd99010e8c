package dev.fermata.benchmarks;

import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.message.DirectiveMessage.PrepareOrdered;
import dev.fermata.contracts.message.DirectiveMessage.VerificationOrdered;
import dev.fermata.contracts.message.ExecutionMessage.Executed;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.RehearsalReported;
import dev.fermata.contracts.message.ExecutionMessage.Verified;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.Topic;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.KafkaConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;

/** Workers that do nothing and say at once that they have done it, so that only the orchestration is measured. */
final class NoOpWorkers implements AutoCloseable {
    private final KafkaConfig config;
    private final Ulid ulids = Ulid.system();
    private final Thread thread = Thread.ofPlatform().name("no-op-workers").unstarted(this::run);
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean stopping;

    private NoOpWorkers(KafkaConfig config) {
        this.config = config;
    }

    static NoOpWorkers start(KafkaConfig config) {
        NoOpWorkers workers = new NoOpWorkers(config);
        workers.thread.start();
        return workers;
    }

    private void run() {
        try (Consumer<String, byte[]> consumer = KafkaClients.consumer(config, "no-op-workers", "no-op-workers");
                Producer<String, byte[]> producer = KafkaClients.producer(config, "no-op-workers")) {
            consumer.subscribe(
                    List.of(Topic.WORK_ORDERS.name(config.topicPrefix()), Topic.DIRECTIVES.name(config.topicPrefix())));
            while (!stopping) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    answers(message(record)).forEach(answer -> send(producer, answer));
                }
                producer.flush();
                consumer.commitSync();
                if (!consumer.assignment().isEmpty()) {
                    ready.countDown();
                }
            }
        }
    }

    /** Until they listen. */
    void awaitReady() throws InterruptedException {
        ready.await();
    }

    private static Message message(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        try {
            return CloudEvents.read(headers, record.value()).message();
        } catch (UnreadableMessageException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Message> answers(Message message) {
        return switch (message) {
            case WorkOrderIssued issued ->
                List.of(new ImpactReported(issued.runs().get(0), issued.revision(), impact()));
            case PrepareOrdered order -> {
                Plan plan = plan(order.runId(), order.revision());
                yield List.of(
                        new PlanPrepared(order.runId(), order.revision(), order.epoch(), plan, plan.digest()),
                        new RehearsalReported(
                                order.runId(), order.revision(), order.epoch(), plan.digest(), rehearsal()));
            }
            case ExecutionOrdered order ->
                List.of(new Executed(order.runId(), order.revision(), order.epoch(), order.digest(), 1, Duration.ZERO));
            case VerificationOrdered order ->
                List.of(new Verified(
                        order.runId(), order.revision(), order.epoch(), order.digest(), List.of(), true, List.of()));
            default -> List.of();
        };
    }

    private static ImpactReport impact() {
        return new ImpactReport(
                180_006,
                "staging",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                RiskLevel.LOW,
                List.of("nothing is done"),
                Instant.now(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static Plan plan(RunId run, int revision) {
        Step step = new Step(
                1,
                Phase.EXPAND,
                StepKind.TRANSACTION,
                List.of("SELECT 1"),
                List.of(),
                true,
                "does nothing",
                0,
                Inverse.transaction("SELECT 1"),
                List.of(),
                null);
        return new Plan(
                run,
                revision,
                new Plan.DatabaseIdentity("0", "none"),
                WorkOrder.Strategy.ONLINE,
                List.of(step),
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(Duration.ofSeconds(1), 30, Duration.ofHours(1)),
                "sha256:0",
                List.of(),
                List.of());
    }

    private static RehearsalReport rehearsal() {
        return new RehearsalReport(
                "none", true, null, List.of(), List.of(), List.of(), List.of(), null, Duration.ZERO, List.of(), null);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // flush() waits for all of them
    private void send(Producer<String, byte[]> producer, Message message) {
        Envelope envelope = new Envelope(ulids.next(), "no-op", Instant.now(), null, message);
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                message.topic().name(config.topicPrefix()), message.key(), CloudEvents.body(envelope));
        CloudEvents.headers(envelope)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record);
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
