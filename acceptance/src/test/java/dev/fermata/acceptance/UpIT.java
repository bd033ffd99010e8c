package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code fermata up} as a process: kill -9 of the whole thing, broker and database included, and a restart goes on with every open order. */
class UpIT {
    private static final Duration STARTED = Duration.ofSeconds(90);
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    @Test
    void everythingKilledAtOnceGoesOnWhereItWas(@TempDir Path folder) throws Exception {
        Path data = folder.resolve(".fermata"); // where commands that are given in the folder find it
        Process first = up(folder, data);
        String waiting;
        String inFlight;
        try {
            awaitReady(data, first);
            // A medium risk, so that it waits for a person while everything is killed.
            waiting = post(data, "rename", "ALTER TABLE products RENAME COLUMN stock TO in_stock;");
            await().atMost(STARTED)
                    .untilAsserted(() -> assertThat(state(data, waiting)).isEqualTo("awaiting-approval"));
            inFlight = post(data, "index", "CREATE INDEX orders_total ON orders (total_cents);");
        } finally {
            first.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        Files.deleteIfExists(data.resolve("up.json"));
        Process second = up(folder, data);
        try {
            awaitReady(data, second);
            planOnTheSampleTarget(folder);
            await("the order in flight ends").atMost(STARTED).untilAsserted(() -> assertThat(state(data, inFlight))
                    .as(() -> run(data, inFlight).toPrettyString())
                    .isEqualTo("succeeded"));
            JsonNode run = run(data, waiting);
            assertThat(run.path("state").asText()).isEqualTo("awaiting-approval");
            HttpRequest yes = HttpRequest.newBuilder(
                            URI.create(url(data) + "/v1/work-orders/" + waiting + "/decisions"))
                    .header("If-Match", run.path("digest").asText())
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"decision\":\"approve\",\"by\":\"bob\",\"comment\":\"\"}"))
                    .build();
            assertThat(http.send(yes, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(202);
            await("both names work").atMost(STARTED).untilAsserted(() -> assertThat(state(data, waiting))
                    .isEqualTo("awaiting-contract"));
            HttpRequest word = HttpRequest.newBuilder(
                            URI.create(url(data) + "/v1/work-orders/" + waiting + "/contract"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"by\":\"bob\",\"reason\":\"all is deployed\"}"))
                    .build();
            assertThat(http.send(word, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(202);
            await("the approved order ends").atMost(STARTED).untilAsserted(() -> assertThat(state(data, waiting))
                    .isEqualTo("succeeded"));
        } finally {
            second.destroy();
            assertThat(second.waitFor(60, TimeUnit.SECONDS))
                    .as("it ends in order when asked")
                    .isTrue();
        }
    }

    private static void planOnTheSampleTarget(Path folder) throws Exception {
        Files.writeString(folder.resolve("drop.sql"), "ALTER TABLE products DROP COLUMN stock");
        Process plan = fermata(folder, "plan", "drop.sql", "--target", "shop");
        try {
            assertThat(plan.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("fermata.log")).content().contains("into the attic instead of dropped");
            assertThat(plan.exitValue()).isZero();
        } finally {
            plan.destroyForcibly();
        }
    }

    @Test
    void aStartThatIsRefusedEndsAtOnceWithItsReason(@TempDir Path folder) throws Exception {
        Process refused = fermata(folder, "run", "conductor", "-Dkafka.partitons=3");
        try {
            assertThat(refused.waitFor(60, TimeUnit.SECONDS))
                    .as("it ends by itself")
                    .isTrue();
            assertThat(refused.exitValue()).isEqualTo(1);
            assertThat(folder.resolve("fermata.log"))
                    .content()
                    .contains("kafka.partitons: unknown key (did you mean kafka.partitions?")
                    .doesNotContain("\tat ");
        } finally {
            refused.destroyForcibly();
        }
    }

    private static Process up(Path folder, Path data) throws IOException {
        return fermata(
                folder,
                "up",
                "--data",
                data.toString(),
                "--http",
                "0",
                "-Dworker-execution.lease=2s",
                "-Dworker-analysis.lease=2s",
                "-Dsupervisor.silence=5s");
    }

    private static Process fermata(Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.fermata.cli.Main"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("fermata.log").toFile()))
                .start();
    }

    private void awaitReady(Path data, Process process) {
        await("it is ready")
                .atMost(STARTED)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    assertThat(process.isAlive()).as("the process lives").isTrue();
                    assertThat(data.resolve("up.json")).exists();
                    assertThat(get(data, "/health/ready").path("status").asText())
                            .isEqualTo("UP");
                });
    }

    private static String url(Path data) throws IOException {
        return Json.mapper()
                .readTree(data.resolve("up.json").toFile())
                .path("url")
                .asText();
    }

    private JsonNode get(Path data, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(data) + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return Json.mapper()
                .readTree(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private String state(Path data, String id) throws IOException, InterruptedException {
        return get(data, "/v1/work-orders/" + id).path("state").asText();
    }

    private JsonNode run(Path data, String id) {
        try {
            return get(data, "/v1/work-orders/" + id + "/runs").path("items").path(0);
        } catch (IOException | InterruptedException gone) {
            return Json.mapper().valueToTree(gone.toString());
        }
    }

    private String post(Path data, String name, String change) throws IOException, InterruptedException {
        String document = "---\nname: " + name
                + "\nauthor: ada@example.org\ntargets: [shop]\nsoak: 0s\n---\n```sql change\n" + change + "\n```\n";
        HttpRequest request = HttpRequest.newBuilder(URI.create(url(data) + "/v1/work-orders"))
                .header("Idempotency-Key", name)
                .POST(HttpRequest.BodyPublishers.ofString(document))
                .build();
        return Json.mapper()
                .readTree(
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body())
                .path("id")
                .asText();
    }
}
