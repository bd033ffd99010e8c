package dev.fermata.contracts.codec;

import dev.fermata.contracts.Fields;
import dev.fermata.contracts.message.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message and what CloudEvents says around it.
 *
 * @param id unique within the source; consumers drop what they have seen
 * @param source who said it, such as {@code fermata/supervisor}
 * @param traceparent W3C trace context, null when the sender takes part in none
 */
public record Envelope(
        String id, String source, Instant time, @Nullable String traceparent, Message message) {
    public Envelope {
        Fields.text(id, "id");
        Fields.text(source, "source");
        Fields.required(time, "time");
        Fields.required(message, "message");
    }
}
