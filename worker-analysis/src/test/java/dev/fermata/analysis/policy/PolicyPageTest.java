package dev.fermata.analysis.policy;

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
import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.postgres.parser.SqlParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/policy.md shows is true, and the schema for editors agrees with the reader. */
class PolicyPageTest {
    private static final Path PAGE = Path.of("../docs/policy.md");
    private static final Path SCHEMA = Path.of("src/main/resources/schemas/policy.schema.json");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    @TempDir
    private Path folder;

    private static String example() throws IOException {
        Matcher block = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(PAGE));
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static List<Error> errors(String yaml) throws IOException {
        return REGISTRY.getSchema(Files.readString(SCHEMA))
                .validate(
                        YAML.readTree(yaml).toString(),
                        InputFormat.JSON,
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
    }

    @Test
    void theExampleOfThePageIsAPolicyAndItsOwnRulesDoWhatTheirExamplesSay() throws IOException {
        Policy policy =
                PolicyFile.read(Files.writeString(folder.resolve("fermata-policy.yaml"), example()), RuleBook.all());
        try (SqlParser parser = new SqlParser(1)) {
            PolicyExamples tried = PolicyExamples.tried(policy, parser, Situation.textOnly(LocalDate.of(2026, 6, 1)));
            assertThat(tried.problems()).isEmpty();
            assertThat(Files.readString(PAGE))
                    .contains("own rules: " + tried.rules() + ", examples: " + tried.examples() + ", all as they");
        }
    }

    @Test
    void thePageTellsOfEveryVariableFieldAndFamily() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(ExpressionLanguage.names())
                .allSatisfy(name -> assertThat(page).containsPattern("[`{ .]" + name + "[`,}]"));
        assertThat(Arrays.stream(Family.values()).map(Family::wire))
                .allSatisfy(family -> assertThat(page).contains("`" + family + "`"));
    }

    @Test
    void theSchemaIsOneAndAcceptsTheExample() throws IOException {
        Schema dialect = REGISTRY.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertThat(dialect.validate(Files.readString(SCHEMA), InputFormat.JSON)).isEmpty();
        assertThat(errors(example())).isEmpty();
    }

    @Test
    void theSchemaHasTheKeysOfTheReader() throws IOException {
        JsonNode properties = YAML.readTree(Files.readString(SCHEMA)).get("properties");
        assertThat(names(properties)).containsExactlyInAnyOrderElementsOf(PolicyReader.KEYS);
        assertThat(names(properties.at("/suppress/items/properties")))
                .containsExactlyInAnyOrderElementsOf(PolicyReader.SUPPRESS_KEYS);
        assertThat(names(properties.at("/ownRules/items/properties")))
                .containsExactlyInAnyOrderElementsOf(OwnRuleReader.KEYS);
        assertThat(names(YAML.readTree(Files.readString(SCHEMA)).at("/$defs/examples/items/oneOf/1/properties")))
                .containsExactlyInAnyOrderElementsOf(OwnRuleReader.EXAMPLE_KEYS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "failon: high",
                "failOn: worst",
                "rules: {drop-table: maybe}",
                "severity: {drop-table: [{when: a}]}",
                "suppress: [{rule: drop-table}]",
                "suppress: [{reason: x}]",
                "suppress: [{path: a, reason: x, until: May}]",
                "ownRules: [{id: a}]"
            })
    void theSchemaRefusesWhatTheReaderRefuses(String yaml) throws IOException {
        assertThat(errors(yaml)).isNotEmpty();
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
