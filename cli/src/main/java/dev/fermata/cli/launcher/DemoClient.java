package dev.fermata.cli.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Posts orders and follows their events, as a pipeline would. */
final class DemoClient {
    private static final Logger LOGGER = LoggerFactory.getLogger(DemoClient.class);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;

    DemoClient(String url) {
        this.url = url;
    }

    /** The id of the new order. */
    String post(String document, String key) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/work-orders"))
                .header("Idempotency-Key", key)
                .header("Content-Type", "text/markdown")
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(document))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 202) {
            throw new IOException("the conductor answered " + answer.statusCode() + ": " + answer.body());
        }
        return read(answer.body()).path("id").asText();
    }

    /** The order's only run as it is, with all that is known about it; empty before there is one. */
    JsonNode run(String id) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/work-orders/" + id + "/runs"))
                .timeout(Duration.ofSeconds(30))
                .build();
        return read(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .path("items")
                .path(0);
    }

    /** Hands every event of the order to the listener until the thread is interrupted or the server ends. */
    void follow(String id, Consumer<JsonNode> listener) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/work-orders/" + id + "/events"))
                .build();
        try (Stream<String> lines =
                http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            lines.filter(line -> line.startsWith("data: "))
                    .forEach(line -> listener.accept(read(line.substring("data: ".length()))));
        } catch (IOException | UncheckedIOException e) {
            LOGGER.atDebug().addKeyValue("workOrderId", id).log("no longer listening");
        }
    }

    private static JsonNode read(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the conductor did not answer with JSON", e);
        }
    }
}
