package dev.fermata.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lint with a policy, from the outside. */
class LintPolicyTest {
    private static final String INDEX = "CREATE INDEX i ON orders (note);";
    private static final String OWN = """
        ownRules:
          - id: no-truncate
            severity: medium
            what: TRUNCATE is not for us.
            why: It fires no row trigger.
            safer: DELETE in batches.
            when: statement.kind == "TRUNCATE" && environment != "test"
            message: ${table.name} is emptied
            fires: [TRUNCATE a]
            passes: [{sql: TRUNCATE a, environment: test}]
        """;

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int lint(String... arguments) {
        List<String> all = new ArrayList<>(List.of("lint"));
        all.addAll(List.of(arguments));
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    private String file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text).toString();
    }

    private String policy(String text) throws IOException {
        return file("fermata-policy.yaml", text);
    }

    @Test
    void whatIsSuppressedIsCountedAndListedButDoesNotFail() throws IOException {
        String policy = policy("suppress: [{path: old/**, reason: it has run}]");
        String sql = file("old/a.sql", INDEX);

        assertThat(lint(sql, "--policy", policy)).isZero();
        assertThat(out.toString()).contains("1 file, 1 statement: nothing found; 1 suppressed");

        out.getBuffer().setLength(0);
        lint(sql, "--policy", policy, "-o", "json");
        JsonNode report = Json.mapper().readTree(out.toString());
        assertThat(report.at("/summary/suppressed").asInt()).isEqualTo(1);
        JsonNode suppressed = report.at("/files/0/statements/0/suppressed/0");
        assertThat(suppressed.at("/finding/rule").asText()).isEqualTo("index-blocks-writes");
        assertThat(suppressed.at("/reason").asText()).isEqualTo("it has run");
        assertThat(suppressed.at("/by").asText()).endsWith("fermata-policy.yaml:1");

        out.getBuffer().setLength(0);
        lint(sql, "--policy", policy, "-o", "sarif");
        JsonNode result = Json.mapper().readTree(out.toString()).at("/runs/0/results/0");
        assertThat(result.at("/suppressions/0/kind").asText()).isEqualTo("external");
        assertThat(result.at("/suppressions/0/justification").asText()).startsWith("it has run (");
    }

    @Test
    void withoutAPolicyOrWithAnotherPathTheFindingFails() throws IOException {
        assertThat(lint(file("a.sql", INDEX), "--policy", policy("suppress: [{path: old/**, reason: x}]")))
                .isEqualTo(6);
        assertThat(lint(file("old/a.sql", INDEX), "--no-policy")).isEqualTo(6);
        assertThat(out.toString()).doesNotContain("suppressed");
    }

    @Test
    void theExitCodeGoesByThePolicyUnlessTheFlagSaysOtherwise() throws IOException {
        String policy = policy("failOn: low");
        String low = file("low.sql", "CREATE VIEW v AS SELECT * FROM orders;");
        assertThat(lint(low, "--no-policy")).isZero();
        assertThat(lint(low, "--policy", policy)).isEqualTo(6);
        assertThat(lint(low, "--policy", policy, "--fail-on", "high")).isZero();
    }

    @Test
    void anOwnRuleIsFoundAndDescribedLikeAnyOther() throws IOException {
        String policy = policy(OWN);
        String sql = file("a.sql", "TRUNCATE public.orders;");
        lint(sql, "--policy", policy);
        assertThat(out.toString())
                .contains("a.sql:1:1: medium no-truncate", "  orders is emptied", "DELETE in batches.");

        out.getBuffer().setLength(0);
        lint(sql, "--policy", policy, "-o", "sarif");
        assertThat(Json.mapper()
                        .readTree(out.toString())
                        .at("/runs/0/tool/driver/rules")
                        .findValuesAsText("id"))
                .contains("no-truncate");

        out.getBuffer().setLength(0);
        lint(sql, "--policy", policy, "--environment", "test");
        assertThat(out.toString()).doesNotContain("no-truncate");
    }

    @Test
    void aPolicyThatIsWrongIsAnErrorWithEveryPlace() throws IOException {
        String policy = policy("failOn: hihg\nrules: {drop-tabel: off}\n");
        assertThat(lint(file("a.sql", INDEX), "--policy", policy)).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString())
                .contains(
                        "error: bad-policy",
                        "fermata-policy.yaml:1:9: /failOn: 'hihg' (expected: low, medium, high or critical)",
                        "fermata-policy.yaml:2:9: /rules/drop-tabel:",
                        "did you mean 'drop-table'?");
    }

    @Test
    void aPolicyThatIsNamedMustBeThere() throws IOException {
        assertThat(lint(
                        file("a.sql", INDEX),
                        "--policy",
                        folder.resolve("none.yaml").toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("is not there (expected: a policy file)");
        assertThat(lint(file("a.sql", INDEX), "--policy", policy("failOn: low"), "--no-policy"))
                .isEqualTo(2);
    }

    @Test
    void theExamplesOfAPolicyAreTriedWithoutAnyFile() throws IOException {
        assertThat(lint("--check-policy", "--policy", policy(OWN))).isZero();
        assertThat(out.toString()).contains("own rules: 1, examples: 2, all as they should be");

        assertThat(lint("--check-policy", "--policy", policy(OWN.replace("[TRUNCATE a]", "[DELETE FROM a]"))))
                .isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "1 of 2 examples are not as they should be",
                        "fermata-policy.yaml:9: no-truncate: the rule finds nothing in an example of fires");
    }

    @Test
    void withoutAFileOrACheckThereIsNothingToDo() {
        assertThat(lint("--no-policy")).isEqualTo(2);
        assertThat(err.toString()).contains("FILE");
    }
}
