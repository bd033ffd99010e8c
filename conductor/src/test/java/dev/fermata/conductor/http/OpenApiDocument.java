package dev.fermata.conductor.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether what goes over the wire is as {@code openapi.json} says. Of answers the document must say everything: a field that
 * it does not name is a failure here, while clients ignore it. Thread-safe.
 */
public final class OpenApiDocument {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final ObjectNode DOCUMENT = read();
    private static final ObjectNode STRICT = strict();
    private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

    private OpenApiDocument() {}

    private static ObjectNode read() {
        try {
            return (ObjectNode) Json.mapper().readTree(Resources.text("openapi.json"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    public static JsonNode json() {
        return DOCUMENT;
    }

    /** Messages that are told as events. */
    public static List<Class<? extends Message>> events() {
        return MessageShapes.events();
    }

    /** The document in which no object of an answer may hold what is not described. */
    private static ObjectNode strict() {
        ObjectNode strict = DOCUMENT.deepCopy();
        strict.at("/components/schemas").forEach(schema -> close(schema, false));
        strict.findValues("schema").forEach(schema -> close(schema, true));
        return strict;
    }

    /** @param whole false for a schema that describes only a part of its value, as those of allOf do */
    private static void close(JsonNode schema, boolean whole) {
        schema.properties().forEach(field -> {
            boolean parts = field.getKey().endsWith("Of");
            JsonNode value = field.getValue();
            (value.isArray() ? value : List.of(value)).forEach(child -> close(child, !parts));
        });
        boolean isObject =
                schema.has("properties") && schema.path("type").asText().equals("object");
        boolean isOpen = !schema.has("additionalProperties");
        if (whole
                && isOpen
                && (isObject || schema.has("allOf") || schema.path("$ref").isTextual())) {
            ((ObjectNode) schema).put("unevaluatedProperties", false);
        }
    }

    /** Fails unless the document describes this answer to this request. */
    public static void assertDescribes(HttpResponse<String> response) {
        String method = response.request().method();
        String path = response.request().uri().getPath();
        String what = method + " " + path + " -> " + response.statusCode() + ": " + response.body();
        Optional<String> template = template(path);
        if (template.isEmpty()) {
            assertThat(response.statusCode()).as(what).isEqualTo(404);
            assertFits(what, "/components/schemas/Problem", response.body());
            return;
        }
        String operation = "/paths/" + escaped(template.get()) + "/" + method.toLowerCase(Locale.ROOT);
        if (STRICT.at(operation).isMissingNode()) {
            assertThat(response.statusCode()).as(what).isEqualTo(405);
            assertFits(what, "/components/schemas/Problem", response.body());
            return;
        }
        assertAnswer(what, operation + "/responses/" + response.statusCode(), response);
    }

    private static void assertAnswer(String what, String pointer, HttpResponse<String> response) {
        String answer = resolved(pointer);
        assertThat(STRICT.at(answer).isObject()).as("described: " + what).isTrue();
        STRICT.at(answer).path("headers").properties().forEach(header -> {
            JsonNode described = STRICT.at(resolved(answer + "/headers/" + header.getKey()));
            if (described.path("required").asBoolean()) {
                assertThat(response.headers().firstValue(header.getKey()))
                        .as(header.getKey() + " of " + what)
                        .isPresent();
            }
        });
        JsonNode content = STRICT.at(answer).path("content");
        if (content.isMissingNode()) {
            assertThat(response.body()).as(what).isEmpty();
            return;
        }
        String type = response.headers().firstValue("content-type").orElse("").split(";")[0];
        assertThat(content.has(type)).as(type + " of " + what).isTrue();
        if (type.endsWith("json")) {
            assertFits(what, answer + "/content/" + escaped(type) + "/schema", response.body());
        }
    }

    /** Fails unless the document describes this body of a request that was accepted. */
    public static void assertDescribesBody(String method, String path, String json) {
        String operation = "/paths/" + escaped(template(path).orElseThrow()) + "/" + method.toLowerCase(Locale.ROOT);
        String schema = operation + "/requestBody/content/" + escaped("application/json") + "/schema";
        assertFits(method + " " + path + " with " + json, schema, json);
    }

    /** Fails unless the document describes this event. */
    public static void assertDescribesEvent(JsonNode event) {
        assertFits(
                event.toString(),
                "/paths/~1v1~1work-orders~1{id}~1audit/get/responses/200/content/" + escaped("application/json")
                        + "/schema",
                "{\"items\": [" + event + "]}");
    }

    private static Optional<String> template(String path) {
        return DOCUMENT.path("paths").properties().stream()
                .map(Map.Entry::getKey)
                .filter(template -> path.matches(template.replaceAll("\\{\\w+}", "[^/]+")))
                .findFirst();
    }

    /** The pointer of what stands there, or of what is referred to there. */
    private static String resolved(String pointer) {
        String reference = STRICT.at(pointer).path("$ref").asText();
        return reference.isEmpty() ? pointer : reference.substring(1);
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    private static void assertFits(String what, String schema, String json) {
        Schema compiled = COMPILED.computeIfAbsent(schema, OpenApiDocument::compiled);
        assertThat(compiled.validate(
                        json,
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true))))
                .as(what)
                .isEmpty();
    }

    private static Schema compiled(String pointer) {
        JsonNode schema = STRICT.at(pointer);
        assertThat(schema.isObject()).as(pointer).isTrue();
        ObjectNode whole = Json.mapper().createObjectNode();
        whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.setAll((ObjectNode) schema);
        whole.putObject("components").set("schemas", STRICT.at("/components/schemas"));
        return REGISTRY.getSchema(whole.toString());
    }
}
