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
record Received(ConsumerRecord<String, byte[]> record, Envelope envelope) {

    static Received read(ConsumerRecord<String, byte[]> record) throws UnreadableMessageException {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return new Received(record, CloudEvents.read(headers, record.value()));
    }
}
