package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a record that cannot be handled aside: key, value and headers as they came, and the reason, origin topic, partition
 * and offset in headers {@code fermata-dlq-*}. A key that is not UTF-8 is in the header {@code fermata-dlq-key} as well. A
 * crash may put it aside twice.
 */
final class DeadLetters {
    private static final Logger LOGGER = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int LONGEST_REASON = 500;

    private final Producer<String, byte[]> producer;
    private final String topic;
    private final String service;

    DeadLetters(Producer<String, byte[]> producer, String topicPrefix, String service) {
        this.producer = producer;
        this.topic = Topic.DEAD_LETTERS.name(topicPrefix);
        this.service = service;
    }

    /** Returns once the broker has it. */
    void put(ConsumerRecord<byte[], byte[]> record, String why) {
        String reason = why.length() <= LONGEST_REASON ? why : why.substring(0, LONGEST_REASON) + "...";
        try {
            send(letter(record, reason, record.value()));
        } catch (RecordTooLargeException e) {
            send(letter(record, reason + " (too large to be kept here; read it at its origin)", null));
        }
        LOGGER.atWarn()
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("error", reason)
                .log("record put to the dead letters");
    }

    private ProducerRecord<String, byte[]> letter(
            ConsumerRecord<byte[], byte[]> record, String reason, byte @Nullable [] value) {
        byte[] key = record.key();
        String text = key == null ? null : new String(key, StandardCharsets.UTF_8);
        ProducerRecord<String, byte[]> letter = new ProducerRecord<>(topic, text, value);
        record.headers().forEach(letter.headers()::add);
        if (text != null && !Arrays.equals(key, text.getBytes(StandardCharsets.UTF_8))) {
            letter.headers().add("fermata-dlq-key", key);
        }
        header(letter, "reason", reason);
        header(letter, "service", service);
        header(letter, "topic", record.topic());
        header(letter, "partition", Integer.toString(record.partition()));
        header(letter, "offset", Long.toString(record.offset()));
        return letter;
    }

    private void send(ProducerRecord<String, byte[]> letter) {
        try {
            producer.send(letter).get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RecordTooLargeException tooLarge) {
                throw tooLarge;
            }
            throw new BrokerUnavailableException("a record could not be put to the dead letters", e);
        } catch (TimeoutException e) {
            throw new BrokerUnavailableException("a record could not be put to the dead letters", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while putting a record to the dead letters", e);
        }
    }

    private static void header(ProducerRecord<String, byte[]> letter, String name, String value) {
        letter.headers().add("fermata-dlq-" + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
