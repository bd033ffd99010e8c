package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import java.util.Map;

/** A message as it will be on the topic. */
record PreparedMessage(String topic, String key, Map<String, String> headers, byte[] body) {

    static PreparedMessage of(String topicPrefix, Envelope envelope) {
        return new PreparedMessage(
                envelope.message().topic().name(topicPrefix),
                envelope.message().key(),
                CloudEvents.headers(envelope),
                CloudEvents.body(envelope));
    }
}
