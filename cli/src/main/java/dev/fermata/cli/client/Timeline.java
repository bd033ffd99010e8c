package dev.fermata.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import java.time.ZoneId;
import java.util.Optional;

/**
 * Events as lines that tell what happened:
 *
 * <pre>
 * 22:00:00.123  shop          -> awaiting-approval: risk high: the target is a production database
 * </pre>
 */
public final class Timeline {
    private static final int TARGET_WIDTH = 12;

    private Timeline() {}

    /** One line, in the time zone of this machine. An event of a newer conductor is told by its type alone. */
    public static String line(JsonNode event) {
        return line(event, ZoneId.systemDefault());
    }

    static String line(JsonNode event, ZoneId zone) {
        String run = event.path("runId").asText();
        String target = run.isEmpty() ? "order" : run.substring(run.indexOf('/') + 1);
        String padded = target + " ".repeat(Math.max(0, TARGET_WIDTH - target.length()));
        return Times.clock(event.path("at").asText(), zone) + "  " + padded + "  " + what(event);
    }

    /** The sentence alone. */
    static String what(JsonNode event) {
        return Plain.line(message(event).map(Sentences::of).orElseGet(() -> event.path("type")
                .asText()));
    }

    private static Optional<Message> message(JsonNode event) {
        String type = "dev.fermata." + event.path("type").asText() + ".v1";
        Optional<Class<? extends Message>> known = MessageType.find(type);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.mapper().treeToValue(event.path("data"), known.get()));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
