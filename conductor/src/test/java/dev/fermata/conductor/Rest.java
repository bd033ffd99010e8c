package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.conductor.http.OpenApiDocument;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks REST as any program would, and holds every answer against {@code openapi.json}. */
final class Rest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final URI base;

    Rest(URI base) {
        this.base = base;
    }

    URI base() {
        return base;
    }

    /** An answer, with its body where it is JSON. */
    record Reply(int status, JsonNode json, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        boolean isAccepted() {
            return status >= 200 && status < 300;
        }

        Reply expect(int expected) {
            assertThat(status).as(response.body()).isEqualTo(expected);
            return this;
        }

        /** Expects a problem document. */
        Reply expectProblem(int expected, String code) {
            expect(expected);
            assertThat(header("content-type")).isEqualTo("application/problem+json");
            assertThat(json.path("code").asText()).as(response.body()).isEqualTo(code);
            assertThat(json.path("status").asInt()).isEqualTo(expected);
            assertThat(json.path("detail").asText()).isNotBlank();
            return this;
        }

        String text(String field) {
            return json.path(field).asText();
        }
    }

    Reply get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    Reply post(String path, String body, String... headers) {
        Reply reply = send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
        if (reply.isAccepted() && body.stripLeading().startsWith("{")) {
            OpenApiDocument.assertDescribesBody(
                    "POST", reply.response().request().uri().getPath(), body);
        }
        return reply;
    }

    Reply post(String path, byte[] body, String... headers) {
        return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    Reply method(String method, String path) {
        return send(request(path).method(method, HttpRequest.BodyPublishers.noBody()));
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request;
    }

    private static Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            OpenApiDocument.assertDescribes(response);
            String type = response.headers().firstValue("content-type").orElse("");
            JsonNode json = type.contains("json")
                    ? Json.mapper().readTree(response.body())
                    : Json.mapper().createObjectNode();
            return new Reply(response.statusCode(), json, response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
