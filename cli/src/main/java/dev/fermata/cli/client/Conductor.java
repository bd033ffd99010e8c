package dev.fermata.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The conductor, asked over REST. What it refuses comes out as {@link CliException}. */
final class Conductor {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final Pattern NEXT_PAGE = Pattern.compile("<([^>]*)>;\\s*rel=\"next\"");

    /** How often something that may be repeated is sent while the conductor does not answer or says "later". */
    private static final int TRIES = 4;

    private final ConductorUrl url;
    private final String user;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    Conductor(ConductorUrl url, String user) {
        this.url = url;
        this.user = user;
    }

    /** What it answered. */
    record Reply(int status, JsonNode body, HttpResponse<String> response) {
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    ConductorUrl url() {
        return url;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    JsonNode order(String id) throws InterruptedException {
        return get("/v1/work-orders/" + encoded(id));
    }

    JsonNode runs(String id) throws InterruptedException {
        return get("/v1/work-orders/" + encoded(id) + "/runs").path("items");
    }

    JsonNode get(String path) throws InterruptedException {
        return repeatable(request(path).GET()).body();
    }

    /** The items of as many pages as it takes. */
    List<JsonNode> pages(String path, int limit) throws InterruptedException {
        List<JsonNode> items = new ArrayList<>();
        Optional<String> page = Optional.of(path);
        while (page.isPresent() && items.size() < limit) {
            Reply reply = repeatable(request(page.get()).GET());
            reply.body().path("items").forEach(items::add);
            Matcher next = NEXT_PAGE.matcher(reply.header("link"));
            page = next.find() ? Optional.of(next.group(1)) : Optional.empty();
        }
        return items.size() > limit ? items.subList(0, limit) : items;
    }

    /** Posts an order; the key makes it safe to try again. */
    JsonNode post(String document, String key) throws InterruptedException {
        return repeatable(request("/v1/work-orders")
                        .header("idempotency-key", key)
                        .header("content-type", "text/markdown; charset=utf-8")
                        .POST(HttpRequest.BodyPublishers.ofString(document)))
                .body();
    }

    JsonNode check(String document) throws InterruptedException {
        return repeatable(request("/v1/work-orders?dry-run=true").POST(HttpRequest.BodyPublishers.ofString(document)))
                .body();
    }

    JsonNode amend(String id, String document) throws InterruptedException {
        return once(request("/v1/work-orders/" + encoded(id) + "/amendments?by=" + encoded(user))
                        .POST(HttpRequest.BodyPublishers.ofString(document)))
                .body();
    }

    /** Sends a command about an order, in the name of the user. */
    JsonNode command(String id, String verb, ObjectNode body) throws InterruptedException {
        body.put("by", user);
        return once(request("/v1/work-orders/" + encoded(id) + "/" + verb)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString())))
                .body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url.uri() + path)).timeout(ANSWER);
    }

    /** Tries again where the conductor broke off or says "later"; not where nobody listens at all. */
    private Reply repeatable(HttpRequest.Builder request) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return send(request);
            } catch (IOException e) {
                if (attempt == TRIES || e instanceof ConnectException) {
                    throw unreachable(e);
                }
            } catch (CliException e) {
                boolean later =
                        e.code().equals("control-database-down") || e.code().equals("busy");
                if (attempt == TRIES || !later) {
                    throw e;
                }
            }
            TimeUnit.MILLISECONDS.sleep(250L << attempt);
        }
    }

    private Reply once(HttpRequest.Builder request) throws InterruptedException {
        try {
            return send(request);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private Reply send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        JsonNode body = json(response);
        if (response.statusCode() >= 400) {
            throw Refusals.of(response.statusCode(), body);
        }
        return new Reply(response.statusCode(), body, response);
    }

    private JsonNode json(HttpResponse<String> response) {
        String type = response.headers().firstValue("content-type").orElse("");
        try {
            if (type.contains("json")) {
                return Json.mapper().readTree(response.body());
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new CliException(
                ExitCode.ERROR,
                "not-a-conductor",
                url.uri() + " (from " + url.origin() + ") answered with status " + response.statusCode() + " and '"
                        + type + "', as no conductor does",
                List.of(),
                "fermata doctor");
    }

    CliException unreachable(IOException e) {
        String how = e instanceof HttpTimeoutException ? "did not answer in time" : "does not answer";
        return new CliException(
                ExitCode.ERROR,
                "conductor-unreachable",
                "the conductor at " + url.uri() + " (from " + url.origin() + ") " + how,
                e.getMessage() == null ? List.of() : List.of(e.getMessage()),
                "fermata up");
    }

    /**
     * Follows events until the listener has seen enough. A stream that breaks off is taken up again where it ended.
     *
     * @param order null for all orders
     * @param after number of the last event that is known, null for what is said from now on
     * @param listener false: enough
     */
    void follow(@Nullable String order, @Nullable Long after, Predicate<JsonNode> listener)
            throws InterruptedException {
        String path = order == null ? "/v1/events" : "/v1/work-orders/" + encoded(order) + "/events";
        Following following = new Following(after, listener);
        int failures = 0;
        while (!following.enough) {
            long before = following.last;
            try {
                stream(path, following);
                failures = 0;
            } catch (IOException | UncheckedIOException e) {
                failures = following.last > before ? 0 : failures + 1;
                if (failures >= TRIES) {
                    throw unreachable(e instanceof IOException io ? io : new IOException(e.getMessage(), e));
                }
            }
            if (!following.enough) {
                TimeUnit.MILLISECONDS.sleep(500L << failures);
            }
        }
    }

    /** How far a listener has come. */
    private static final class Following {
        private final Predicate<JsonNode> listener;
        private final boolean fromNow;
        private long last;
        private boolean enough;

        Following(@Nullable Long after, Predicate<JsonNode> listener) {
            this.listener = listener;
            this.fromNow = after == null;
            this.last = after == null ? 0 : after;
        }

        String point() {
            return fromNow && last == 0 ? "end" : Long.toString(last);
        }

        /** Whether more is wanted. */
        boolean hear(String data) {
            JsonNode event;
            try {
                event = Json.mapper().readTree(data);
            } catch (JsonProcessingException e) {
                return true; // a resync says nothing
            }
            if (event.has("seq")) {
                last = event.path("seq").asLong();
                enough = !listener.test(event);
            }
            return !enough;
        }
    }

    private void stream(String path, Following following) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url.uri() + path + "?after=" + following.point()))
                .header("accept", "text/event-stream")
                .build();
        HttpResponse<Stream<String>> response = http.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() >= 400) {
                throw Refusals.of(response.statusCode(), Json.mapper().readTree(String.join("\n", lines.toList())));
            }
            boolean unused = lines.filter(line -> line.startsWith("data: "))
                    .allMatch(line -> following.hear(line.substring("data: ".length())));
        }
    }
}
