package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.Message;
import dev.fermata.runtime.telemetry.TraceParent;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what may be lost, such as heartbeats, past the outbox. Thread-safe. */
public final class Mentions {
    private static final Logger LOGGER = LoggerFactory.getLogger(Mentions.class);

    private final Producer<String, byte[]> producer;
    private final String topicPrefix;
    private final String source;
    private final Ulid ulids;
    private final Clock clock;

    public Mentions(Producer<String, byte[]> producer, String topicPrefix, String source, Ulid ulids, Clock clock) {
        this.producer = producer;
        this.topicPrefix = topicPrefix;
        this.source = source;
        this.ulids = ulids;
        this.clock = clock;
    }

    /** Never blocks: {@code send} may wait for the broker, so a virtual thread calls it. */
    public void say(Message message, @Nullable String traceparent) {
        PreparedMessage prepared = PreparedMessage.of(
                topicPrefix,
                new Envelope(ulids.next(), source, clock.instant(), TraceParent.next(traceparent), message));
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(prepared.topic(), prepared.key(), prepared.body());
        prepared.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        Thread.ofVirtual().name("mention").start(() -> send(record));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of it
    private void send(ProducerRecord<String, byte[]> record) {
        try {
            producer.send(record, (metadata, e) -> {
                if (e != null) {
                    LOGGER.atDebug().addKeyValue("error", e.getMessage()).log("mention lost");
                }
            });
        } catch (KafkaException | IllegalStateException e) { // the latter from a closed producer
            LOGGER.atDebug().addKeyValue("error", e.getMessage()).log("mention lost");
        }
    }
}
