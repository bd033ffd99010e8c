package dev.fermata.contracts.order;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fermata.contracts.Gen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schema that editors use must agree with the parser: the same keys, and the same verdict on the corpus. */
class WorkOrderSchemaTest {
    private static final Path FILE = Path.of("src/main/resources/schemas/work-order.schema.json");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** The parser takes unquoted YAML numbers and booleans as text where text is meant; the schema wants quotes. */
    private static final Set<String> LAXER = Set.of("yaml-plain-values");

    /** Two keys of one name, and places of files, are beyond a schema, and so is what must be before what. */
    private static final Set<String> BEYOND = Set.of(
            "bad-duplicate-keys",
            "bad-duplicate-keys-json",
            "bad-source-missing",
            "bad-source-traversal",
            "bad-source-empty",
            "bad-no-author",
            "bad-window-order",
            "bad-json-nul");

    static List<Path> plainDocuments() throws IOException {
        return WorkOrderCorpusTest.cases().stream()
                .filter(folder -> !Files.exists(folder.resolve("input.md")))
                .filter(folder -> !LAXER.contains(folder.getFileName().toString()))
                .filter(folder -> !BEYOND.contains(folder.getFileName().toString()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("plainDocuments")
    void saysOfTheCorpusWhatTheParserSays(Path folder) throws IOException {
        String text = Files.readString(WorkOrderCorpusTest.input(folder));
        JsonNode document;
        try {
            document = YAML.readTree(text);
        } catch (IOException e) {
            return; // no YAML at all, which the parser says too
        }
        boolean refused = Files.exists(folder.resolve("expected-errors.txt"));
        boolean syntax = refused
                && Files.readString(folder.resolve("expected-errors.txt")).matches("(?s)(syntax|unsupported-yaml) .*");
        if (!syntax) {
            assertThat(errors(document))
                    .as(text)
                    .matches(errors -> refused != errors.isEmpty(), refused ? "refused" : "accepted");
        }
    }

    @Test
    void isASchema() throws IOException {
        Schema dialect = REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertThat(dialect.validate(Files.readString(FILE), InputFormat.JSON)).isEmpty();
    }

    @Test
    void hasTheKeysOfTheParser() throws IOException {
        JsonNode properties = YAML.readTree(Files.readString(FILE)).get("properties");

        assertThat(names(properties)).containsExactlyInAnyOrderElementsOf(WorkOrderReader.KEYS);
        assertThat(names(properties.at("/lock/properties")))
                .containsExactlyInAnyOrderElementsOf(WorkOrderReader.LOCK_KEYS);
        assertThat(names(properties.at("/probes/items/properties")))
                .containsExactlyInAnyOrderElementsOf(WorkOrderReader.PROBE_KEYS);
        assertThat(names(properties.at("/window/properties"))).isSubsetOf(WorkOrderReader.WINDOW_KEYS);
    }

    @Test
    void acceptsEveryDurationThatWeWrite() {
        Gen<Duration> any = random -> Duration.ofSeconds(random.nextInt(10_000_000), random.nextInt(1_000_000_000));
        Gen.forAll(300, any, value -> {
            for (String text : List.of(Durations.format(value), value.toString())) {
                assertThat(errors(YAML.valueToTree(
                                Map.of("name", "a", "targets", List.of("shop"), "change", "select 1", "soak", text))))
                        .as(text)
                        .isEmpty();
            }
        });
    }

    private static List<Error> errors(JsonNode document) {
        try {
            return REGISTRY.getSchema(Files.readString(FILE))
                    .validate(
                            document.toString(),
                            InputFormat.JSON,
                            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> names(JsonNode object) {
        return Stream.of(object)
                .flatMap(node -> node.properties().stream())
                .map(Map.Entry::getKey)
                .toList();
    }
}
