package dev.fermata.cli.launcher;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.config.KafkaConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program that answers approval questions, as any team could write one: it reads a topic and writes to it. */
final class DemoApprover implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(DemoApprover.class);
    private static final String NAME = "demo-approver";

    private final KafkaConfig config;
    private final Thread thread = Thread.ofPlatform().name(NAME).unstarted(this::run);
    private volatile boolean stopping;

    private DemoApprover(KafkaConfig config) {
        this.config = config;
    }

    static DemoApprover start(KafkaConfig config) {
        DemoApprover approver = new DemoApprover(config);
        approver.thread.start();
        return approver;
    }

    private void run() {
        String topic = Topic.APPROVALS.name(config.topicPrefix());
        Ulid ulids = Ulid.system();
        try (Consumer<String, byte[]> consumer = KafkaClients.consumer(config, NAME, NAME);
                Producer<String, byte[]> producer = KafkaClients.producer(config, NAME)) {
            consumer.subscribe(List.of(topic));
            while (!stopping) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    answer(record, ulids, producer);
                }
                consumer.commitSync();
            }
        }
    }

    private void answer(ConsumerRecord<String, byte[]> record, Ulid ulids, Producer<String, byte[]> producer) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        try {
            if (CloudEvents.read(headers, record.value()).message() instanceof ApprovalRequested question) {
                ApprovalGranted yes = new ApprovalGranted(
                        question.runId(),
                        question.revision(),
                        question.digest(),
                        new Actor(NAME, Actor.Kind.PROGRAM),
                        "reviewed by the demonstration",
                        Instant.now());
                send(producer, record.topic(), new Envelope(ulids.next(), NAME, Instant.now(), null, yes));
            }
        } catch (UnreadableMessageException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("not a message for the approver");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of it
    private static void send(Producer<String, byte[]> producer, String topic, Envelope envelope) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, envelope.message().key(), CloudEvents.body(envelope));
        CloudEvents.headers(envelope)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record, (metadata, e) -> {
            if (e != null) {
                LOGGER.atError().setCause(e).log("the answer did not reach the topic");
            }
        });
        producer.flush();
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
