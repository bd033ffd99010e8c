package dev.fermata.acceptance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.cli.launcher.AllServices;
import dev.fermata.cli.launcher.ServiceName;
import dev.fermata.cli.launcher.ServiceProcess;
import dev.fermata.contracts.json.Json;
import dev.fermata.embedded.LoopbackPorts;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * All four services on the shared broker and database server, with a topic prefix and databases of their own. Services run in
 * this process, or each in a process of its own so that it can be killed.
 */
final class TestSystem implements AutoCloseable {
    private final Path folder;
    private final TestDatabase control;
    private final TestDatabase target;
    private final Map<String, String> settings;
    private final int port;
    private final Map<ServiceName, ServiceProcess> processes = new EnumMap<>(ServiceName.class);
    private Optional<AllServices> inProcess = Optional.empty();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private TestSystem(Path folder, TestDatabase control, TestDatabase target, Map<String, String> settings, int port) {
        this.folder = folder;
        this.control = control;
        this.target = target;
        this.settings = settings;
        this.port = port;
    }

    /** Everything in this process; the target is called {@code shop}. */
    static TestSystem inProcess(Path folder, String environment, Map<String, String> more) throws IOException {
        TestSystem system = prepare(folder, environment, more);
        system.inProcess = Optional.of(
                AllServices.start(List.of(ServiceName.values()), Optional.empty(), system.settings, system.port));
        return system;
    }

    /** Each service in a process of its own. */
    static TestSystem inProcesses(Path folder, String environment, Map<String, String> more) throws IOException {
        TestSystem system = prepare(folder, environment, more);
        for (ServiceName name : ServiceName.values()) {
            Path config = folder.resolve(name.wire() + ".yaml");
            Files.writeString(config, yaml(system.settings));
            system.processes.put(
                    name,
                    ServiceProcess.start(
                            name,
                            config,
                            folder.resolve(name.wire() + ".log"),
                            name == ServiceName.CONDUCTOR ? system.port : 0));
        }
        return system;
    }

    private static TestSystem prepare(Path folder, String environment, Map<String, String> more) throws IOException {
        Files.createDirectories(folder);
        TestDatabase control = RealPostgres.shared().newDatabase();
        TestDatabase target = RealPostgres.shared().newDatabase();
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap-servers", RealKafka.shared().bootstrapServers());
        settings.put("kafka.topic-prefix", RealKafka.shared().newPrefix());
        settings.put("kafka.partitions", "3");
        settings.put("control.host", RealPostgres.shared().host());
        settings.put("control.port", Integer.toString(RealPostgres.shared().port()));
        settings.put("control.database", control.name());
        settings.put("control.user", control.user());
        settings.put("control.pool-size", "4");
        settings.put(
                "control.password-file",
                secret(folder, "control", control.password()).toString());
        settings.put("targets.shop.host", RealPostgres.shared().host());
        settings.put("targets.shop.port", Integer.toString(RealPostgres.shared().port()));
        settings.put("targets.shop.database", target.name());
        settings.put("targets.shop.user", target.user());
        settings.put("targets.shop.environment", environment);
        settings.put(
                "targets.shop.password-file",
                secret(folder, "shop", target.password()).toString());
        settings.put(
                "worker-execution.backup-directory", folder.resolve("backups").toString());
        settings.put("worker-execution.lease", "2s");
        settings.put("worker-execution.heartbeat", "300ms");
        settings.put("worker-analysis.lease", "2s");
        settings.put("supervisor.silence", "4s");
        settings.put("supervisor.probe-every", "200ms");
        settings.putAll(more);
        return new TestSystem(folder, control, target, settings, LoopbackPorts.free());
    }

    static Path secret(Path folder, String name, String text) throws IOException {
        Path file = folder.resolve(name + ".secret");
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private static String yaml(Map<String, String> settings) {
        StringBuilder yaml = new StringBuilder();
        new TreeMap<>(settings).forEach((key, value) -> yaml.append('"')
                .append(key)
                .append("\": \"")
                .append(value)
                .append("\"\n"));
        return yaml.toString();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    TestDatabase target() {
        return target;
    }

    TestDatabase control() {
        return control;
    }

    Path folder() {
        return folder;
    }

    String setting(String key) {
        return settings.getOrDefault(key, "");
    }

    ServiceProcess process(ServiceName name) {
        ServiceProcess process = processes.get(name);
        if (process == null) {
            throw new IllegalStateException(name.wire() + " does not run in a process of its own");
        }
        return process;
    }

    /** Posts until somebody answers: the same key makes the same order. */
    String post(String document, String key) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri("/v1/work-orders"))
                .header("Idempotency-Key", key)
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofString(document))
                .build();
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (true) {
            try {
                HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 202) {
                    return read(answer.body()).path("id").asText();
                }
                if (answer.statusCode() < 500 || System.nanoTime() > deadline) {
                    throw new AssertionError("refused: " + answer.body());
                }
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new UncheckedIOException("the conductor does not answer", e);
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(10))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The only run of an order, with details. */
    JsonNode run(String id) {
        try {
            HttpResponse<String> answer = send("GET", "/v1/work-orders/" + id + "/runs", "");
            return answer.statusCode() == 200
                    ? read(answer.body()).path("items").path(0)
                    : Json.mapper().createObjectNode(); // not ready yet
        } catch (IOException e) {
            return Json.mapper().createObjectNode(); // being restarted
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String state(String id) {
        return run(id).path("state").asText();
    }

    /** What was said about an order, as the read model has it. */
    List<JsonNode> events(String id) throws IOException, InterruptedException {
        JsonNode items =
                read(send("GET", "/v1/work-orders/" + id + "/audit", "").body()).path("items");
        return items.valueStream().toList();
    }

    /** All of it, for whoever has to find out why a test failed. */
    String story(String id) {
        StringBuilder story = new StringBuilder(run(id).toPrettyString());
        try {
            events(id).forEach(event -> story.append('\n').append(event));
        } catch (IOException e) {
            story.append("\nno events: ").append(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return story.toString();
    }

    /** Says yes to the digest. */
    HttpResponse<String> approve(String id, String digest, String by) throws IOException, InterruptedException {
        ObjectNode body = Json.mapper()
                .createObjectNode()
                .put("decision", "approve")
                .put("by", by)
                .put("comment", "fine");
        return send("POST", "/v1/work-orders/" + id + "/decisions", body.toString(), "If-Match", '"' + digest + '"');
    }

    /** Says that nobody uses the old names any more. */
    HttpResponse<String> contract(String id, String by) throws IOException, InterruptedException {
        ObjectNode body = Json.mapper().createObjectNode().put("by", by).put("reason", "everything is deployed");
        return send("POST", "/v1/work-orders/" + id + "/contract", body.toString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private static JsonNode read(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    /** States in which nothing more happens by itself. */
    static final Set<String> AT_REST = Set.of(
            "succeeded",
            "rolled-back",
            "failed",
            "rejected",
            "cancelled",
            "changes-requested",
            "escalated",
            "awaiting-approval",
            "awaiting-contract");

    @Override
    public void close() {
        inProcess.ifPresent(AllServices::close);
        processes.values().forEach(ServiceProcess::close);
        target.close();
        control.close();
    }
}
