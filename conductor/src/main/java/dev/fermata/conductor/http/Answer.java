package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import io.vertx.core.http.HttpServerResponse;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request is answered with. A body of null is none. */
record Answer(int status, @Nullable JsonNode body, Map<String, String> headers) {
    Answer {
        headers = Map.copyOf(headers);
    }

    static Answer ok(JsonNode body) {
        return new Answer(200, body, Map.of());
    }

    /** {@code {"items": [...]}}. */
    static Answer items(Collection<? extends JsonNode> items) {
        ObjectNode body = Json.mapper().createObjectNode();
        body.putArray("items").addAll(items);
        return ok(body);
    }

    /** It will be done; what becomes of it is told as events. */
    static Answer accepted(JsonNode body) {
        return new Answer(202, body, Map.of());
    }

    static Answer notModified() {
        return new Answer(304, null, Map.of());
    }

    Answer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, body, more);
    }

    void send(HttpServerResponse response) {
        response.setStatusCode(status);
        headers.forEach(response::putHeader);
        if (body == null) {
            response.end();
        } else {
            response.putHeader("content-type", "application/json").end(body.toString());
        }
    }
}
