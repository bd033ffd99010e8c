package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** A readable record. */
record Received(ConsumerRecord<byte[], byte[]> record, Envelope envelope) {

    /** The key must be the one that the body says: the order within a key rests on it. */
    static Received read(ConsumerRecord<byte[], byte[]> record) throws UnreadableMessageException {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        Envelope envelope = envelope(headers, record.value());
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        if (!key.equals(envelope.message().key())) {
            throw new UnreadableMessageException("record key: " + (record.key() == null ? "missing" : "'" + key + "'")
                    + " (expected: '" + envelope.message().key() + "', as the body says)");
        }
        return new Received(record, envelope);
    }

    private static Envelope envelope(Map<String, String> headers, byte[] body) throws UnreadableMessageException {
        try {
            return CloudEvents.read(headers, body);
        } catch (RuntimeException e) { // whatever a stranger wrote must not stop the partition
            throw new UnreadableMessageException(
                    "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }
}
