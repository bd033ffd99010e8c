package dev.fermata.contracts.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fermata.contracts.Examples;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaTest {
    private static final Path GOLDEN = Path.of("src/test/resources/messages");
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    static Collection<Class<? extends Message>> messages() {
        return MessageType.all().values();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theSchemaIsThatOfTheRecord(Class<? extends Message> message) throws IOException {
        Checked.in(file(message), pretty(SchemaGenerator.schema(message)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void theSchemaIsASchema(Class<? extends Message> message) throws IOException {
        Schema dialect = REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertThat(dialect.validate(Files.readString(file(message)), InputFormat.JSON))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void examplesFitTheSchema(Class<? extends Message> message) throws IOException {
        Schema schema = REGISTRY.getSchema(Files.readString(file(message)));
        for (Message example : List.of(Examples.full(message), Examples.bare(message))) {
            String json = Json.mapper().writeValueAsString(example);
            assertThat(schema.validate(json, InputFormat.JSON, SchemaTest::checkFormats))
                    .as(json)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageWithoutARequiredFieldDoesNotFit(Class<? extends Message> message) throws IOException {
        Schema schema = REGISTRY.getSchema(Files.readString(file(message)));
        ObjectNode bare = Json.mapper().valueToTree(Examples.bare(message));
        for (String field : names(bare)) {
            ObjectNode without = bare.deepCopy();
            without.remove(field);
            assertThat(schema.validate(without.toString(), InputFormat.JSON))
                    .as("without " + field)
                    .isNotEmpty();
        }
    }

    /** What was once on a topic must be readable for ever: changes of these files break readers of old topics. */
    @ParameterizedTest
    @MethodSource("messages")
    void theExampleOnFileIsStillReadAndWritten(Class<? extends Message> message) throws IOException {
        Path golden = GOLDEN.resolve(message.getSimpleName() + ".json");
        Checked.in(golden, pretty(Json.mapper().valueToTree(Examples.full(message))));

        assertThat(Json.mapper().readValue(Files.readString(golden), message)).isEqualTo(Examples.full(message));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void jsonOutAndInIsIdentity(Class<? extends Message> message) throws IOException {
        for (Message example : List.of(Examples.full(message), Examples.bare(message))) {
            assertThat(Json.mapper().readValue(Json.mapper().writeValueAsBytes(example), message))
                    .isEqualTo(example);
        }
    }

    @Test
    void thereIsNoSchemaOfAMessageThatIsGone() throws IOException {
        assertThat(names(Checked.SCHEMAS))
                .containsExactlyInAnyOrderElementsOf(Stream.concat(
                                messages().stream().map(SchemaTest::file).map(file -> file.getFileName()
                                        .toString()),
                                Stream.of("work-order.schema.json"))
                        .toList());
        assertThat(names(GOLDEN))
                .containsExactlyInAnyOrderElementsOf(messages().stream()
                        .map(m -> m.getSimpleName() + ".json")
                        .toList());
    }

    static void checkFormats(ExecutionContext context) {
        context.executionConfig(config -> config.formatAssertionsEnabled(true));
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static Path file(Class<? extends Message> message) {
        return Checked.SCHEMAS.resolve(message.getSimpleName() + ".schema.json");
    }

    private static String pretty(JsonNode node) throws IOException {
        return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
    }
}
