package dev.fermata.contracts.codec;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents 1.0 in the binary content mode of the Kafka protocol binding: attributes are {@code ce_} headers, the data is
 * the record's value. Source: cloudevents/spec, kafka-protocol-binding.md section 3.2.
 */
public final class CloudEvents {
    private static final String CONTENT_TYPE = "application/json; charset=UTF-8";

    private CloudEvents() {}

    /** The headers in the order they are written. */
    public static Map<String, String> headers(Envelope envelope) {
        Message message = envelope.message();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ce_specversion", "1.0");
        headers.put("ce_id", envelope.id());
        headers.put("ce_source", envelope.source());
        headers.put("ce_type", message.type());
        headers.put("ce_time", envelope.time().toString());
        headers.put("ce_subject", message.key());
        headers.put("ce_partitionkey", message.key());
        headers.put("content-type", CONTENT_TYPE);
        String traceparent = envelope.traceparent();
        if (traceparent != null) {
            headers.put("traceparent", traceparent);
        }
        return headers;
    }

    /** The data: the message as JSON in UTF-8. */
    public static byte[] body(Envelope envelope) {
        try {
            return Json.mapper().writeValueAsBytes(envelope.message());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "message of type " + envelope.message().type() + " cannot be written: " + e.getOriginalMessage(),
                    e);
        }
    }

    /**
     * Reads a record. What the headers and the body say about the subject must agree, so that nobody can send one order's
     * message under another's key.
     *
     * @param headers as UTF-8 text; unknown ones are ignored
     * @param body null for a record without a value
     */
    public static Envelope read(Map<String, String> headers, byte @Nullable [] body) throws UnreadableMessageException {
        String spec = header(headers, "ce_specversion");
        if (!spec.startsWith("1.")) {
            throw new UnreadableMessageException("header ce_specversion: '" + spec + "' (expected: 1.0)");
        }
        String type = header(headers, "ce_type");
        Class<? extends Message> messageType = MessageType.find(type)
                .orElseThrow(() -> new UnreadableMessageException(
                        "header ce_type: '" + type + "' (expected: one of the types of this version, such as "
                                + MessageType.all().keySet().iterator().next() + ")"));
        String id = header(headers, "ce_id");
        String source = header(headers, "ce_source");
        Message message = message(body, messageType);
        String subject = headers.get("ce_subject");
        if (subject != null && !subject.equals(message.key())) {
            throw new UnreadableMessageException(
                    "header ce_subject: '" + subject + "' (expected: '" + message.key() + "', as the body says)");
        }
        return new Envelope(id, source, time(headers.get("ce_time")), headers.get("traceparent"), message);
    }

    private static String header(Map<String, String> headers, String name) throws UnreadableMessageException {
        String value = headers.get(name);
        if (value == null || value.isBlank()) {
            throw new UnreadableMessageException(
                    "header " + name + ": missing (expected: CloudEvents 1.0, binary mode)");
        }
        return value;
    }

    private static Instant time(@Nullable String text) throws UnreadableMessageException {
        if (text == null) {
            return Instant.EPOCH; // optional in CloudEvents; nothing is decided by it
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new UnreadableMessageException("header ce_time: '" + text + "' (expected: RFC 3339, in UTC)");
        }
    }

    private static Message message(byte @Nullable [] body, Class<? extends Message> type)
            throws UnreadableMessageException {
        if (body == null || body.length == 0) {
            throw new UnreadableMessageException("body: empty (expected: " + type.getSimpleName() + " as JSON)");
        }
        try {
            Message message = Json.mapper().readValue(body, type);
            if (message == null) {
                throw new UnreadableMessageException("body: null (expected: " + type.getSimpleName() + " as JSON)");
            }
            return message;
        } catch (IOException e) {
            throw new UnreadableMessageException("body: " + reason(e, type));
        }
    }

    /** Where and why, without the text around it: a body may hold SQL with literals. */
    private static String reason(IOException e, Class<?> type) {
        String at = e instanceof JsonMappingException mapping ? pointer(mapping) : "";
        if (e instanceof ValueInstantiationException && e.getCause() instanceof IllegalArgumentException refused) {
            return at + withoutValues(String.valueOf(refused.getMessage()));
        }
        if (e instanceof JsonMappingException) {
            return at + "not a " + type.getSimpleName() + " (a value is missing or has the wrong type)";
        }
        if (e instanceof JacksonException bad && bad.getLocation() != null) {
            return "not JSON at line " + bad.getLocation().getLineNr() + ", column "
                    + bad.getLocation().getColumnNr();
        }
        return "not JSON";
    }

    /** Messages quote the value they refuse, and the value is the body's. */
    private static String withoutValues(String message) {
        return message.replaceAll("(?s)'.*'", "'...'");
    }

    private static String pointer(JsonMappingException e) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : e.getPath()) {
            path.append('/').append(step.getFieldName() != null ? step.getFieldName() : step.getIndex());
        }
        return path.isEmpty() ? "" : path + ": ";
    }
}
