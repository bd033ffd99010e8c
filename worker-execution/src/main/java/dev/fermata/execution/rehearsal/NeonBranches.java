package dev.fermata.execution.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Branches by Neon, through its HTTP API (Neon documentation, "Branching with the Neon API"): a branch with a compute
 * endpoint, waited for until both are ready. The token is asked for anew with each request and goes nowhere but into its
 * header.
 */
public final class NeonBranches implements BranchService {
    /** Where the API is. */
    public static final URI API = URI.create("https://console.neon.tech/api/v2");

    private static final int PORT = 5432;
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final Set<String> UP = Set.of("active", "idle");
    private static final int NOT_FOUND = 404;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final URI api;
    private final String project;
    private final Supplier<String> token;
    private final Duration patience;
    private final Duration poll;

    /**
     * @param project as Neon calls it, such as {@code shiny-wind-028834}
     * @param token an API key that may manage the project
     * @param patience how long a branch may take to be ready, or to be gone
     * @param poll how often it is asked whether it is
     */
    public NeonBranches(URI api, String project, Supplier<String> token, Duration patience, Duration poll) {
        this.api = api;
        this.project = project;
        this.token = token;
        this.patience = patience;
        this.poll = poll;
    }

    @Override
    public String name() {
        return "Neon";
    }

    @Override
    public Address create(String name) throws IOException, InterruptedException {
        delete(name);
        ObjectNode wanted = Json.mapper().createObjectNode();
        wanted.putObject("branch").put("name", name);
        wanted.putArray("endpoints").addObject().put("type", "read_write");
        JsonNode made = send("POST", "/branches", Optional.of(wanted), "making branch '" + name + "'")
                .orElseThrow(() -> new IOException("making branch '" + name + "' at Neon: project '" + project
                        + "' does not exist there, or the token may not see it; check the label neon-project"));
        String id = made.path("branch").path("id").asText();
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<String> host = host(id);
            if (host.isPresent()) {
                return new Address(host.get(), PORT);
            }
            pause(deadline, "branch '" + name + "' at Neon is not ready after " + patience.toSeconds() + " s");
        }
    }

    /** Where the branch can be reached; empty as long as it or its endpoint is being made. */
    private Optional<String> host(String id) throws IOException, InterruptedException {
        String what = "asking for branch '" + id + "'";
        String path = "/branches/" + encoded(id);
        JsonNode branch =
                send("GET", path, Optional.empty(), what).orElse(Json.mapper().createObjectNode());
        if (!branch.path("branch").path("current_state").asText().equals("ready")) {
            return Optional.empty();
        }
        JsonNode endpoints = send("GET", path + "/endpoints", Optional.empty(), what)
                .orElse(Json.mapper().createObjectNode());
        for (JsonNode endpoint : endpoints.path("endpoints")) {
            if (endpoint.path("type").asText().equals("read_write")
                    && UP.contains(endpoint.path("current_state").asText())) {
                return Optional.of(endpoint.path("host").asText());
            }
        }
        return Optional.empty();
    }

    @Override
    public void delete(String name) throws IOException, InterruptedException {
        for (JsonNode branch : branches(name)) {
            if (branch.path("name").asText().equals(name)) {
                delete(name, branch.path("id").asText());
            }
        }
    }

    private void delete(String name, String id) throws IOException, InterruptedException {
        String what = "removing branch '" + name + "'";
        String path = "/branches/" + encoded(id);
        if (send("DELETE", path, Optional.empty(), what).isEmpty()) {
            return;
        }
        long deadline = System.nanoTime() + patience.toNanos();
        while (send("GET", path, Optional.empty(), what).isPresent()) {
            pause(deadline, "branch '" + name + "' at Neon is not gone after " + patience.toSeconds() + " s");
        }
    }

    @Override
    public List<String> names(String prefix) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        for (JsonNode branch : branches(prefix)) {
            if (branch.path("name").asText().startsWith(prefix)) {
                names.add(branch.path("name").asText());
            }
        }
        return names;
    }

    private JsonNode branches(String search) throws IOException, InterruptedException {
        return send("GET", "/branches?search=" + encoded(search), Optional.empty(), "listing the branches")
                .orElse(Json.mapper().createObjectNode())
                .path("branches");
    }

    /** The answer; empty where there is no such thing. */
    private Optional<JsonNode> send(String method, String path, Optional<JsonNode> body, String what)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api + "/projects/" + encoded(project) + path))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", "Bearer " + token.get())
                .header("Accept", "application/json")
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.map(json -> BodyPublishers.ofString(json.toString()))
                                .orElse(BodyPublishers.noBody()))
                .build();
        HttpResponse<String> response;
        try {
            response = client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException(
                    what + " at Neon: no answer from " + api.getHost() + "; check that it can be reached", e);
        }
        if (response.statusCode() == NOT_FOUND) {
            return Optional.empty();
        }
        if (response.statusCode() / 100 != 2) {
            throw new IOException(what + " at Neon: refused with status " + response.statusCode()
                    + (response.statusCode() == 401 || response.statusCode() == 403
                            ? "; check the token and what it may do"
                            : "; try again, or take rehearsal.clone: dump"));
        }
        return Optional.of(
                response.body().isBlank()
                        ? Json.mapper().createObjectNode()
                        : Json.mapper().readTree(response.body()));
    }

    private void pause(long deadline, String late) throws IOException, InterruptedException {
        if (System.nanoTime() > deadline) {
            throw new IOException(late + "; look at the project's console, or take rehearsal.clone: dump");
        }
        TimeUnit.NANOSECONDS.sleep(poll.toNanos());
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
