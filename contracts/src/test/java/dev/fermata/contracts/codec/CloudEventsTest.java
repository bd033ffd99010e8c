package dev.fermata.contracts.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fermata.contracts.Examples;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ExecutionMessage.Heartbeat;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudEventsTest {
    private static final Instant TIME = Instant.parse("2026-12-01T22:00:00Z");
    private static final String SECRET = "hunter2";

    static List<Message> messages() {
        return Examples.messages();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageComesThrough(Message message) throws UnreadableMessageException {
        Envelope sent = new Envelope(
                "id-1", "fermata/test", TIME, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", message);

        assertThat(CloudEvents.read(CloudEvents.headers(sent), CloudEvents.body(sent)))
                .isEqualTo(sent);
    }

    @Test
    void theHeadersAreThoseOfTheKafkaBinding() {
        assertThat(CloudEvents.headers(heartbeat()))
                .containsExactly(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_id", "id-1"),
                        Map.entry("ce_source", "fermata/test"),
                        Map.entry("ce_type", "dev.fermata.Heartbeat.v1"),
                        Map.entry("ce_time", "2026-12-01T22:00:00Z"),
                        Map.entry("ce_subject", Examples.RUN.toString()),
                        Map.entry("ce_partitionkey", Examples.RUN.toString()),
                        Map.entry("content-type", "application/json; charset=UTF-8"));
    }

    @Test
    void optionalHeadersMayLackAndUnknownOnesMayBeThere() throws UnreadableMessageException {
        Map<String, String> headers = headers();
        headers.keySet().removeAll(List.of("ce_time", "ce_subject", "ce_partitionkey", "content-type"));
        headers.put("ce_future", "x");

        Envelope read = CloudEvents.read(headers, CloudEvents.body(heartbeat()));

        assertThat(read.message()).isEqualTo(heartbeat().message());
        assertThat(read.time()).isEqualTo(Instant.EPOCH);
        assertThat(read.traceparent()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ce_specversion", "ce_type", "ce_id", "ce_source"})
    void aRequiredHeaderIsNamedWhenItLacks(String name) {
        String reason = "header " + name + ": missing (expected: CloudEvents 1.0, binary mode)";
        Map<String, String> without = headers();
        without.remove(name);
        assertThat(reason(without)).isEqualTo(reason);
        without.put(name, " ");
        assertThat(reason(without)).isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "ce_specversion, 0.3, header ce_specversion: '0.3' (expected: 1.0)",
                "ce_type, com.example.Other, \"header ce_type: 'com.example.Other' (expected: one of the types of this"
                        + " version, such as dev.fermata.WorkOrderRequested.v1)\"",
                "ce_type, dev.fermata.Heartbeat.v2, \"header ce_type: 'dev.fermata.Heartbeat.v2' (expected: one of the"
                        + " types of this version, such as dev.fermata.WorkOrderRequested.v1)\"",
                "ce_time, yesterday, \"header ce_time: 'yesterday' (expected: RFC 3339, in UTC)\"",
                "ce_subject, wo_1/other, \"header ce_subject: 'wo_1/other' (expected:"
                        + " 'wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P/shop', as the body says)\""
            })
    void aWrongHeaderIsNamedWithItsValue(String name, String value, String reason) {
        Map<String, String> wrong = headers();
        wrong.put(name, value);

        assertThat(reason(wrong)).isEqualTo(reason);
    }

    @Test
    void aBodyThatIsNoMessageIsRefusedWithTheReason() {
        assertThat(reason(headers(), null)).isEqualTo("body: empty (expected: Heartbeat as JSON)");
        assertThat(reason(headers(), "")).isEqualTo("body: empty (expected: Heartbeat as JSON)");
        assertThat(reason(headers(), "null")).isEqualTo("body: null (expected: Heartbeat as JSON)");
        assertThat(reason(headers(), "{\n  hunter2")).isEqualTo("body: not JSON at line 2, column 3");
        assertThat(reason(headers(), new String(CloudEvents.body(heartbeat()), StandardCharsets.UTF_8) + " hunter2"))
                .startsWith("body: not ")
                .doesNotContain(SECRET);
        assertThat(reason(headers(), "[]"))
                .isEqualTo("body: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(headers(), "\"hunter2\"")).doesNotContain(SECRET);
        assertThat(reason(headers(), "[".repeat(100_000))).startsWith("body: not ");
    }

    @Test
    void aFieldThatIsWrongIsNamed() {
        assertThat(reason(body -> body.remove("worker"))).isEqualTo("body: worker: missing (expected: a value)");
        assertThat(reason(body -> body.put("worker", ""))).isEqualTo("body: worker: '...' (expected: not blank)");
        assertThat(reason(body -> body.put("worker", 5)))
                .isEqualTo("body: /worker: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(body -> body.put("epoch", "1")))
                .isEqualTo("body: /epoch: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(body -> body.putNull("epoch")))
                .isEqualTo("body: /epoch: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(body -> body.remove("epoch")))
                .isEqualTo("body: /epoch: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(body -> body.put("at", SECRET)))
                .isEqualTo("body: /at: not a Heartbeat (a value is missing or has the wrong type)");
        assertThat(reason(body -> body.put("runId", "wo_x/" + SECRET)))
                .isEqualTo("body: /runId: work order id: '...' (expected: wo_ and 26 characters, such as"
                        + " wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P)");
    }

    @Test
    void aKeyThatIsThereTwiceIsRefused() {
        String body = new String(CloudEvents.body(heartbeat()), StandardCharsets.UTF_8);

        assertThat(reason(headers(), body.replaceFirst("\\{", "{\"worker\":\"hunter2\",")))
                .startsWith("body: not ")
                .doesNotContain(SECRET);
    }

    /** Every value of every message in turn becomes something that does not fit and says a secret. */
    @ParameterizedTest
    @MethodSource("messages")
    void noReasonSaysWhatIsInTheBody(Message message) {
        Envelope sent = new Envelope("id-1", "fermata/test", TIME, null, message);
        Map<String, String> headers = new LinkedHashMap<>(CloudEvents.headers(sent));
        headers.remove("ce_subject");
        ObjectNode body = Json.mapper().valueToTree(message);
        for (String text : List.of(SECRET, "it's " + SECRET + "' or '" + SECRET)) {
            spoil(body, new TextNode(text), () -> {
                try {
                    CloudEvents.read(headers, body.toString().getBytes(StandardCharsets.UTF_8));
                } catch (UnreadableMessageException e) {
                    assertThat(e.getMessage()).doesNotContain(SECRET).doesNotContain("ALTER TABLE");
                }
            });
        }
    }

    @Test
    void theKeyOfARequestMustBeItsIdempotencyKey() {
        WorkOrderRequested request = new WorkOrderRequested("key-1", "document", null);
        Envelope sent = new Envelope("id-1", "ci", TIME, null, request);
        Map<String, String> headers = new LinkedHashMap<>(CloudEvents.headers(sent));
        headers.put("ce_subject", "key-2");

        assertThat(catchThrowableOfType(
                        UnreadableMessageException.class, () -> CloudEvents.read(headers, CloudEvents.body(sent))))
                .hasMessage("header ce_subject: 'key-2' (expected: 'key-1', as the body says)");
    }

    @Test
    void readersIgnoreWhatANewerWriterAdds() throws UnreadableMessageException {
        for (Message message : Examples.messages()) {
            Envelope sent = new Envelope("id-1", "fermata/test", TIME, null, message);
            JsonNode body = Json.mapper().valueToTree(message);
            addEverywhere(body);

            Envelope read =
                    CloudEvents.read(CloudEvents.headers(sent), body.toString().getBytes(StandardCharsets.UTF_8));

            // The maps of a message have keys of their own, so what is added there stays.
            assertThat(read.message().getClass()).isEqualTo(message.getClass());
            assertThat(read.message().key()).isEqualTo(message.key());
        }
    }

    @Test
    void listsThatAnOlderWriterDidNotKnowAreEmpty() throws UnreadableMessageException {
        for (Message message : Examples.messages()) {
            Message bare = Examples.bare(message.getClass());
            Envelope sent = new Envelope("id-1", "fermata/test", TIME, null, bare);
            ObjectNode body = Json.mapper().valueToTree(bare);
            removeEmptyLists(body);

            assertThat(CloudEvents.read(
                                    CloudEvents.headers(sent), body.toString().getBytes(StandardCharsets.UTF_8))
                            .message())
                    .isEqualTo(bare);
        }
    }

    @Test
    void timesMayHaveAnOffset() throws UnreadableMessageException {
        Map<String, String> headers = headers();
        headers.put("ce_time", "2026-12-01T23:00:00+01:00");

        assertThat(CloudEvents.read(headers, CloudEvents.body(heartbeat())).time())
                .isEqualTo(TIME);
    }

    @Test
    void anOrderWithTextOfAllKindsComesThrough() throws UnreadableMessageException {
        WorkOrderIssued issued = Examples.full(WorkOrderIssued.class);
        Envelope sent = new Envelope("id-\u00e9", "s", TIME, null, issued);

        assertThat(CloudEvents.read(CloudEvents.headers(sent), CloudEvents.body(sent)))
                .isEqualTo(sent);
    }

    private interface Spoiler {
        void on(ObjectNode body);
    }

    private static Envelope heartbeat() {
        return new Envelope("id-1", "fermata/test", TIME, null, Examples.full(Heartbeat.class));
    }

    private static Map<String, String> headers() {
        return new LinkedHashMap<>(CloudEvents.headers(heartbeat()));
    }

    private static String reason(Spoiler spoiler) {
        ObjectNode body = Json.mapper().valueToTree(heartbeat().message());
        spoiler.on(body);
        return reason(headers(), body.toString());
    }

    private static String reason(Map<String, String> headers) {
        return reason(headers, new String(CloudEvents.body(heartbeat()), StandardCharsets.UTF_8));
    }

    private static String reason(Map<String, String> headers, @Nullable String body) {
        byte[] bytes = body == null ? null : body.getBytes(StandardCharsets.UTF_8);
        return catchThrowableOfType(UnreadableMessageException.class, () -> CloudEvents.read(headers, bytes))
                .getMessage();
    }

    private static void spoil(JsonNode node, JsonNode by, Runnable look) {
        if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> field : List.copyOf(object.properties())) {
                object.set(field.getKey(), by);
                look.run();
                object.set(field.getKey(), field.getValue());
                spoil(field.getValue(), by, look);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode item = array.get(i);
                array.set(i, by);
                look.run();
                array.set(i, item);
                spoil(item, by, look);
            }
        }
    }

    private static void addEverywhere(JsonNode node) {
        node.forEach(CloudEventsTest::addEverywhere);
        if (node instanceof ObjectNode object && !onlyTexts(object)) {
            object.putObject("addedLater").put("x", 1);
        }
    }

    /** Maps from names to texts or numbers. */
    private static boolean onlyTexts(ObjectNode object) {
        return object.size() == 1 && object.has("shop");
    }

    private static void removeEmptyLists(JsonNode node) {
        node.forEach(CloudEventsTest::removeEmptyLists);
        if (node instanceof ObjectNode object) {
            List.copyOf(object.properties()).stream()
                    .filter(field -> field.getValue().isContainerNode()
                            && field.getValue().isEmpty())
                    .forEach(field -> object.remove(field.getKey()));
        }
    }
}
