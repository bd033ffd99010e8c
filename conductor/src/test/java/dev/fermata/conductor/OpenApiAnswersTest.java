package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.http.OpenApiDocument;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the document says, asked of a running conductor. {@link Rest} and {@link SseClient} compare. */
class OpenApiAnswersTest {
    /** One of each message, with every field it can have. */
    private static final Path EXAMPLES = Path.of("../contracts/src/test/resources/messages");

    @AutoClose
    private static final TestConductor CONDUCTOR = TestConductor.onSharedServers();

    private final Rest rest = CONDUCTOR.rest();

    @Test
    void theDocumentIsServedAsJson() {
        Rest.Reply reply = rest.get("/openapi.json").expect(200);

        assertThat(reply.header("content-type")).isEqualTo("application/json");
        assertThat(reply.json()).isEqualTo(OpenApiDocument.json());
    }

    @Test
    void everyReadAnswersForAnOrderOfWhichEverythingIsKnown() {
        RunId run = everythingSaidAbout("everything-known");

        assertThat(paths("get")).hasSizeGreaterThan(10).allSatisfy(path -> {
            String asked = path.replace("{id}", run.order().value());
            if (path.endsWith("/events")) {
                try (SseClient client = SseClient.open(rest.base().resolve(asked), 0)) {
                    assertThat(client.contentType()).startsWith("text/event-stream");
                    assertThat(client.next(1)).hasSize(1);
                }
            } else {
                rest.get(asked).expect(200);
            }
        });
        assertThat(CONDUCTOR.runJson(run).properties())
                .extracting(Map.Entry::getKey)
                .contains("impact", "plan", "planDigest", "rehearsal", "approval", "decision", "backup", "feedback")
                .contains("outcome", "steps", "digest", "waitingFor");
    }

    /** A run about which every message was said that is an event. */
    private RunId everythingSaidAbout(String name) {
        RunId run = new RunId(CONDUCTOR.post(name, "shop"), "shop");
        OpenApiDocument.events().forEach(type -> CONDUCTOR.say(example(type, run)));
        String audit = "/v1/work-orders/" + run.order() + "/audit";
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        rest.get(audit).json().path("items").findValuesAsText("type"))
                .containsAll(OpenApiDocument.events().stream()
                        .map(Class::getSimpleName)
                        .toList()));
        return run;
    }

    private static Message example(Class<? extends Message> type, RunId run) {
        try {
            String json = Files.readString(EXAMPLES.resolve(type.getSimpleName() + ".json"))
                    .replaceAll("wo_[0-9A-Z]{26}", run.order().value());
            ObjectNode example = (ObjectNode) Json.mapper().readTree(json);
            if (example.has("revision")) {
                example.put("revision", 1);
            }
            return Json.mapper().treeToValue(example, type);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> reads() {
        return paths("get").filter(path -> path.contains("{id}")).toList();
    }

    @ParameterizedTest
    @MethodSource("reads")
    void aReadOfNoOrderIsNotFound(String path) {
        rest.get(path.replace("{id}", "nothing")).expectProblem(404, "not-found");
    }

    static List<String> commands() {
        return paths("post").filter(path -> path.contains("{id}")).toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandToNoOrderIsNotFound(String path) {
        String document = path.endsWith("amendments")
                ? Said.document("nothing", "shop")
                : Said.json(OpenApiDocument.json()
                        .path("paths")
                        .path(path)
                        .at("/post/requestBody/content/application~1json/example"));
        rest.post(path.replace("{id}", "wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P") + "?by=ada@example.org", document)
                .expectProblem(404, "not-found");
    }

    private static Stream<String> paths(String method) {
        return OpenApiDocument.json().path("paths").properties().stream()
                .filter(path -> path.getValue().has(method))
                .map(Map.Entry::getKey);
    }

    @Test
    void whatIsNotDescribedIsNotThere() {
        rest.get("/v1/work-order").expectProblem(404, "not-found");
        Rest.Reply deleted = rest.method("DELETE", "/v1/work-orders").expectProblem(405, "method-not-allowed");
        assertThat(deleted.header("allow")).isEqualTo("POST, GET");
    }

    @Test
    void whereAProxySaysWhoCallsNobodyElseDoes() {
        try (TestConductor behindProxy = TestConductor.onSharedServers("X-User")) {
            Rest proxied = behindProxy.rest();
            String document = Said.document("behind-a-proxy", "shop");
            proxied.post("/v1/work-orders", document).expectProblem(401, "not-authenticated");
            String id = proxied.post("/v1/work-orders", document, "X-User", "ada")
                    .expect(202)
                    .text("id");
            proxied.post("/v1/work-orders/" + id + "/cancel", "{\"reason\": \"wrong\"}", "X-User", "ada")
                    .expect(202);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/work-orders?target=%zz", "/v1/work-orders/%zz", "/v1/work-orders/wo_1/runs?x=%zz"})
    void anAddressThatCannotBeDecodedIsABadRequest(String address) throws IOException {
        String answer = raw("GET " + address + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json", "\"code\":\"bad-request\"");
    }

    /** The JDK's own client refuses to ask such things. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(rest.base().getHost(), rest.base().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void whatNoDatabaseKeepsIsRefused() {
        rest.get("/v1/work-orders/%00").expectProblem(404, "not-found");
        rest.get("/v1/work-orders?target=%00").expectProblem(400, "bad-target");
        rest.get("/v1/memory?q=a%00b").expectProblem(400, "bad-q");
        String order = "/v1/work-orders/" + CONDUCTOR.post("nul", "shop");
        rest.post(order + "/amendments?by=a%00b", Said.document("nul", "shop")).expectProblem(400, "bad-by");
    }
}
