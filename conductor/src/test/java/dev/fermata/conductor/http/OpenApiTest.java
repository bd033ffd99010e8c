package dev.fermata.conductor.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The document against itself, against the operations, against the messages, and against the rules of OpenAPI. */
class OpenApiTest {
    private static final Path FILE = Path.of("src/main/resources/dev/fermata/conductor/http/openapi.json");

    /** As https://spec.openapis.org/oas/3.1/schema/2025-11-23 is served, under the licence beside it. */
    private static final Path RULES = Path.of("src/test/resources/openapi/oas-3.1-schema-2025-11-23.json");

    private static final List<String> OF_EVERY_SERVICE =
            List.of("GET /health/live", "GET /health/ready", "GET /metrics");

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final JsonNode DOCUMENT = OpenApiDocument.json();

    /** {@code -Dfermata.schemas=write} writes the shapes of the messages anew, to be reviewed as a diff. */
    @Test
    void itHoldsTheShapesOfTheMessagesAsTheyAre() throws IOException {
        ObjectNode document = (ObjectNode) Json.mapper().readTree(Files.readString(FILE));
        String text = ReadableJson.write(MessageShapes.load().into(document));
        if ("write".equals(System.getProperty("fermata.schemas"))) {
            Files.writeString(FILE, text);
        }
        assertThat(Files.readString(FILE))
                .as(FILE + "; run with -Dfermata.schemas=write and review the diff")
                .isEqualTo(text);
    }

    @Test
    void everyOperationIsDescribedAndNothingElse() {
        List<String> offered = Arrays.stream(Operation.values())
                .map(operation -> operation.method() + " " + operation.path())
                .toList();
        assertThat(operations().map(Map.Entry::getKey))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(offered.stream(), OF_EVERY_SERVICE.stream())
                        .toList());
    }

    @Test
    void theIdOfAnOperationIsItsName() {
        for (Operation operation : Operation.values()) {
            String method = operation.method().name().toLowerCase(Locale.ROOT);
            JsonNode described = DOCUMENT.path("paths").path(operation.path()).path(method);
            assertThat(described.path("operationId").asText()).isEqualTo(camelCase(operation.name()));
        }
    }

    private static String camelCase(String constant) {
        return Pattern.compile("_(.)")
                .matcher(constant.toLowerCase(Locale.ROOT))
                .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
    }

    @Test
    void itKeepsTheRulesOfOpenApi() throws IOException {
        assertThat(CanonicalJson.sha256(Files.readAllBytes(RULES)))
                .isEqualTo("sha256:1b8ccc6e34234b17536f2dd0eb3597142a32bd108438cd42471a5fca4c1a07ef");
        Schema rules = REGISTRY.getSchema(Files.readString(RULES));
        assertThat(rules.validate(DOCUMENT.toString(), InputFormat.JSON)).isEmpty();

        ObjectNode untitled = DOCUMENT.deepCopy();
        ((ObjectNode) untitled.path("info")).remove("title");
        assertThat(rules.validate(untitled.toString(), InputFormat.JSON)).isNotEmpty();
    }

    @Test
    void itsSchemasAreSchemas() {
        Schema dialect = REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        List<JsonNode> schemas = new ArrayList<>(DOCUMENT.findValues("schema"));
        DOCUMENT.at("/components/schemas").forEach(schemas::add);
        assertThat(schemas).hasSizeGreaterThan(100).allSatisfy(schema -> assertThat(
                        dialect.validate(schema.toString(), InputFormat.JSON))
                .isEmpty());
    }

    @Test
    void everyReferenceLeadsSomewhereAndNothingIsLeftOver() {
        List<String> references = DOCUMENT.findValuesAsText("$ref");
        assertThat(references).isNotEmpty().allSatisfy(reference -> assertThat(
                        DOCUMENT.at(reference.substring(1)).isObject())
                .as(reference)
                .isTrue());
        TreeSet<String> parts = new TreeSet<>();
        DOCUMENT.path("components").properties().forEach(kind -> kind.getValue()
                .properties()
                .forEach(part -> parts.add("#/components/" + kind.getKey() + "/" + part.getKey())));
        assertThat(parts).containsExactlyInAnyOrderElementsOf(new TreeSet<>(references));
    }

    @Test
    void everyParameterOfAPathIsDeclared() {
        DOCUMENT.path("paths").properties().forEach(path -> {
            List<String> declared = new ArrayList<>();
            for (JsonNode parameter : path.getValue().path("parameters")) {
                JsonNode resolved = DOCUMENT.at(parameter.path("$ref").asText().substring(1));
                assertThat(resolved.path("in").asText()).isEqualTo("path");
                declared.add(resolved.path("name").asText());
            }
            assertThat(Pattern.compile("\\{(\\w+)}")
                            .matcher(path.getKey())
                            .results()
                            .map(found -> found.group(1)))
                    .as(path.getKey())
                    .containsExactlyElementsOf(declared);
        });
    }

    @Test
    void everyErrorIsAProblemWithItsCodes() {
        List<JsonNode> answers = new ArrayList<>();
        operations().forEach(operation -> operation.getValue().path("responses").properties().stream()
                .filter(answer -> answer.getKey().compareTo("400") >= 0)
                .filter(answer -> !operation.getKey().contains("/health/"))
                .forEach(answer -> answers.add(resolved(answer.getValue()))));
        assertThat(answers).hasSizeGreaterThan(50).allSatisfy(answer -> {
            JsonNode schema =
                    answer.path("content").path("application/problem+json").path("schema");
            assertThat(schema.path("$ref").asText()).isEqualTo(MessageShapes.PREFIX + "Problem");
            assertThat(schema.at("/properties/code/enum")).isNotEmpty();
        });
    }

    @Test
    void theExamplesAreAsDescribed() throws IOException {
        int examples = 0;
        for (Map.Entry<String, JsonNode> operation : operations().toList()) {
            String[] name = operation.getKey().split(" ");
            JsonNode example = operation.getValue().at("/requestBody/content/application~1json/example");
            if (!example.isMissingNode()) {
                OpenApiDocument.assertDescribesBody(name[0], name[1].replace("{id}", "x"), example.toString());
                examples++;
            }
            JsonNode stream =
                    resolved(operation.getValue().at("/responses/200")).at("/content/text~1event-stream/example");
            if (!stream.isMissingNode()) {
                String data = stream.asText().replaceAll("(?s).*\ndata: ", "");
                OpenApiDocument.assertDescribesEvent(Json.mapper().readTree(data));
                examples++;
            }
        }
        assertThat(examples).isEqualTo(10);
    }

    /** Otherwise none of the tests that compare answers could fail. */
    @Test
    void whatTheDocumentDoesNotSayDoesNotFit() throws IOException {
        ObjectNode event = (ObjectNode) Json.mapper().readTree("""
            {"seq": 7, "type": "WorkOrderCancelled", "source": "fermata/conductor", "at": "2026-12-01T22:00:00Z",
             "workOrderId": "wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P",
             "data": {"workOrderId": "wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P", "reason": "wrong table",
                      "by": {"kind": "person", "name": "ada@example.org"}}}
            """);
        OpenApiDocument.assertDescribesEvent(event);

        assertThatNotDescribed(event.deepCopy().put("more", 1));
        assertThatNotDescribed(event.deepCopy().put("type", "WorkOrderEnded"));
        assertThatNotDescribed(event.deepCopy().put("at", "yesterday"));
        ObjectNode deep = event.deepCopy();
        ((ObjectNode) deep.at("/data/by")).put("more", 1);
        assertThatNotDescribed(deep);
        ObjectNode less = event.deepCopy();
        less.remove("source");
        assertThatNotDescribed(less);
    }

    private static void assertThatNotDescribed(JsonNode event) {
        assertThatThrownBy(() -> OpenApiDocument.assertDescribesEvent(event)).isInstanceOf(AssertionError.class);
    }

    private static JsonNode resolved(JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : DOCUMENT.at(reference.substring(1));
    }

    /** By method and path. */
    private static Stream<Map.Entry<String, JsonNode>> operations() {
        return DOCUMENT.path("paths").properties().stream().flatMap(path -> path.getValue().properties().stream()
                .filter(operation -> !operation.getKey().equals("parameters"))
                .map(operation -> Map.entry(
                        operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), operation.getValue())));
    }
}
