package dev.fermata.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.contrastsecurity.sarif.SarifSchema210;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.fermata.analysis.lint.Linter;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.cli.Main;
import dev.fermata.cli.client.CliException;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.parser.SqlParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintCommandTest {
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

    private String file(String name, String sql) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, sql);
        return file.toString();
    }

    @Test
    void aFindingIsShownWithItsLineAMarkTheLockAndWhatToWrite() throws IOException {
        int exit = lint(file("a.sql", "SELECT 1;\nCREATE INDEX i ON orders (note);\n"));

        assertThat(exit).isEqualTo(6);
        assertThat(out.toString())
                .contains(
                        "a.sql:2:1: high index-blocks-writes",
                        """
                             2 | CREATE INDEX i ON orders (note)
                               | ^
                          lock: SHARE on public.orders (blocks writes)
                        """,
                        "CREATE INDEX CONCURRENTLY i ON orders (note)",
                        "1 file, 2 statements: 1 high");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void theExitCodeGoesByFailOn() throws IOException {
        String low = file("low.sql", "CREATE VIEW v AS SELECT * FROM orders;");
        assertThat(lint(low)).isZero();
        assertThat(lint(low, "--fail-on", "low")).isEqualTo(6);
        assertThat(lint(low, "--fail-on", "lwo")).isEqualTo(2);
        assertThat(err.toString()).contains("expected: low, medium, high or critical");
    }

    @Test
    void aFileThatIsNoSqlIsAnErrorAndTheOthersAreStillLookedAt() throws IOException {
        int exit = lint(file("bad.sql", "CREATE TABEL t;"), file("good.sql", "DROP TABLE notes;"), "-o", "json");

        assertThat(exit).isEqualTo(1);
        JsonNode report = Json.mapper().readTree(out.toString());
        assertThat(report.at("/files/0/error/column").asInt()).isEqualTo(8);
        assertThat(report.at("/files/1/statements/0/findings/0/rule").asText()).isEqualTo("drop-table");
        assertThat(report.at("/files/1/statements/0/locks/0/blocks/1").asText()).isEqualTo("writes");
        assertThat(report.at("/summary/findings/high").asInt()).isEqualTo(1);
        assertThat(report.at("/summary/errors").asInt()).isEqualTo(1);
    }

    @Test
    void ofAFolderTheChangesAreReadInTheirOrderAndWhatTakesThemBackIsNot() throws IOException {
        file("m/V10__b.sql", "SELECT 1;");
        file("m/V2__a.sql", "SELECT 1;");
        file("m/U2__a.sql", "SELECT 1;");
        file("m/0001_x.up.sql", "SELECT 1;");
        file("m/0001_x.down.sql", "SELECT 1;");
        file("m/notes.txt", "none");

        lint(folder.resolve("m").toString(), "-o", "json");

        assertThat(Json.mapper().readTree(out.toString()).path("files").findValuesAsText("path"))
                .extracting(path -> Path.of(path).getFileName().toString())
                .containsExactly("0001_x.up.sql", "V2__a.sql", "V10__b.sql");
    }

    @Test
    void annotationsEscapeWhatWouldEndThem() throws IOException {
        lint(file("a,b:c.sql", "CREATE INDEX i ON orders (note);"), "-o", "github");
        assertThat(out.toString())
                .startsWith("::error file=")
                .contains("a%2Cb%3Ac.sql,line=1,col=1,title=index-blocks-writes::")
                .contains("%0A")
                .hasLineCount(1);
    }

    @Test
    void sarifNamesTheRuleThePlaceAndTheLevel() throws IOException {
        lint(file("a b.sql", "CREATE INDEX i ON orders (note);"), file("bad.sql", "SELEC"), "-o", "sarif");

        JsonNode run = Json.mapper().readTree(out.toString()).at("/runs/0");
        JsonNode result = run.at("/results/0");
        assertThat(result.path("ruleId").asText()).isEqualTo("index-blocks-writes");
        assertThat(run.at("/tool/driver/rules/" + result.path("ruleIndex").asInt() + "/id")
                        .asText())
                .isEqualTo("index-blocks-writes");
        assertThat(result.path("level").asText()).isEqualTo("error");
        assertThat(result.at("/locations/0/physicalLocation/artifactLocation/uri")
                        .asText())
                .endsWith("/a%20b.sql");
        assertThat(result.at("/locations/0/physicalLocation/region/startLine").asInt())
                .isEqualTo(1);
        assertThat(run.at("/invocations/0/executionSuccessful").asBoolean(true)).isFalse();
    }

    @Test
    void wrongUseSaysWhatIsExpected() throws IOException {
        assertThat(lint(folder.resolve("missing.sql").toString())).isEqualTo(3);
        assertThat(err.toString()).contains("error: no-such-file");
        assertThat(lint()).isEqualTo(2);
        assertThat(lint(file("a.sql", "SELECT 1"), "--pg-version", "14")).isEqualTo(2);
        assertThat(err.toString()).contains("expected: 15 to 18");
    }

    private void git(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void givenABranchWhenItsDiffIsLintedThenOnlyWhatItAddsIsFound() throws Exception {
        git("init", "-q");
        String old = file("old.sql", "DROP TABLE a;\nSELECT 1;\nDROP TABLE b;\n");
        file("same.sql", "DROP TABLE c;");
        git("add", ".");
        git("commit", "-q", "-m", "before");
        git("checkout", "-q", "-b", "branch");
        Files.writeString(Path.of(old), "DROP TABLE a;\nSELECT 1;\nDROP TABLE\n  bb;\n");
        file("new.sql", "DROP TABLE d;");
        git("checkout", "-q", "main");
        file("later.sql", "SELECT 1;");
        git("add", "later.sql");
        git("commit", "-q", "-m", "main goes on");
        git("checkout", "-q", "branch");

        ChangedLines changed = ChangedLines.since("main", folder);

        assertThat(changed.touches(folder.resolve("same.sql"))).isFalse();
        assertThat(changed.touches(folder.resolve("new.sql"))).isTrue();
        try (SqlParser parser = new SqlParser(1)) {
            Linter linter = new Linter(parser, RuleBook.standard(), Situation.textOnly(LocalDate.of(2026, 1, 1)));
            assertThat(changed.of(linter.lint(old, Files.readAllBytes(Path.of(old))))
                            .findings())
                    .extracting(Finding::line)
                    .containsExactly(3);
        }
    }

    @Test
    void aRevisionThatIsNotThereIsAnErrorWithWhatGitSays() throws Exception {
        git("init", "-q");
        assertThatThrownBy(() -> ChangedLines.since("nowhere", folder))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("git diff failed");
        assertThatThrownBy(() -> ChangedLines.since("--output=x", folder)).hasMessageContaining("is no revision");
    }

    @Test
    void filesOfAFolderAreJudgedTogetherInTheirOrder() throws IOException {
        file("1.sql", "ALTER TABLE orders ADD COLUMN a int");
        file("2.sql", "ALTER TABLE orders ADD COLUMN b int; ALTER TABLE later ADD COLUMN c int");
        file("9.sql", "CREATE TABLE later (id bigint PRIMARY KEY)");
        file("10.sql", "ALTER TABLE orders ADD COLUMN d int; ALTER TABLE later ADD COLUMN d int");

        lint(folder.toString());

        assertThat(out.toString())
                .containsOnlyOnce("used-before-created")
                .contains("later is used here, and " + folder.resolve("9.sql") + " creates it")
                .containsOnlyOnce("locked-by-several-files")
                .contains("orders is locked against writes by 3 of these files: 1.sql, 2.sql, 10.sql");
    }

    @Test
    void aTableThatMakesRoomInAnEarlierFileWasThere() throws IOException {
        file("1.sql", "ALTER TABLE orders ADD COLUMN a int");
        file("2.sql", "ALTER TABLE orders RENAME TO orders_old");
        file("3.sql", "CREATE TABLE orders (id bigint PRIMARY KEY)");

        lint(folder.toString());

        assertThat(out.toString()).doesNotContain("used-before-created");
    }

    @Test
    void filesOfDifferentFoldersHaveNothingToDoWithEachOther() throws IOException {
        Files.createDirectories(folder.resolve("a"));
        Files.createDirectories(folder.resolve("b"));
        file("a/1.sql", "ALTER TABLE later ADD COLUMN c int");
        file("b/2.sql", "CREATE TABLE later (id bigint PRIMARY KEY)");

        lint(folder.toString());

        assertThat(out.toString()).doesNotContain("used-before-created");
    }

    @Test
    void sarifIsAsTheSchemaOfItsStandardWantsIt() throws IOException {
        file("policy-less.sql", """
            -- fermata:allow drop-table nobody uses it
            DROP TABLE old;
            CREATE INDEX i ON orders (note);
            DO $$ BEGIN EXECUTE chr(65); END $$;
            """);
        file("broken.sql", "SELEC 1");

        lint(folder.toString(), "-o", "sarif");

        Schema schema;
        try (InputStream text = SarifSchema210.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
            schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(schema.validate(out.toString(), InputFormat.JSON)).isEmpty();
        assertThat(schema.validate(out.toString().replace("\"2.1.0\"", "\"2.2\""), InputFormat.JSON))
                .isNotEmpty();
    }
}
