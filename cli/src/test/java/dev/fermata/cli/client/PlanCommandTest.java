package dev.fermata.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.json.Json;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanCommandTest {
    @TempDir
    private Path folder;

    private TestDatabase shop;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws Exception {
        shop = RealPostgres.shared().newDatabase();
        shop.execute(
                "CREATE TABLE orders (id integer PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT n, 'note' FROM generate_series(1, 100) n");
        Path password = Files.writeString(folder.resolve("password"), shop.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(folder.resolve("fermata.yaml"), """
            targets:
              shop: {host: %s, port: %d, database: %s, user: %s, password-file: %s, environment: test}
            """.formatted(
                RealPostgres.shared().host(), RealPostgres.shared().port(), shop.name(), shop.user(), password));
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private int plan(String sql, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("change.sql"), sql);
        String[] arguments = new String[more.length + 6];
        System.arraycopy(
                new String[] {
                    "plan",
                    file.toString(),
                    "--target",
                    "shop",
                    "-c",
                    folder.resolve("fermata.yaml").toString()
                },
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void showsTheStepsWithTheirReasonsAndTheWayBackAndRunsNothing() throws Exception {
        assertThat(plan("ALTER TABLE orders ALTER COLUMN note SET NOT NULL")).isZero();
        assertThat(out.toString())
                .contains("plan sha256:", "VALIDATE", "way back", "NOT VALID, so that no row is read under the lock")
                .containsOnlyOnce(
                        "statement 1, as it is written\n    ALTER TABLE orders ALTER COLUMN note SET NOT NULL;");
        assertThat(shop.ask(
                        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'note'"))
                .isIn("f", "false");
        assertThat(shop.ask("SELECT count(*) FROM pg_namespace WHERE nspname = 'fermata'"))
                .isEqualTo("0");
        assertThat(shop.ask("SELECT count(*) FROM pg_database WHERE datname LIKE 'fermata%' AND"
                        + " pg_get_userbyid(datdba) = current_user"))
                .as("the empty copy is gone")
                .isEqualTo("0");
    }

    @Test
    void isReadByProgramsAsTheContractSays() throws Exception {
        assertThat(plan("CREATE INDEX orders_note ON orders (note)", "-o", "json"))
                .isZero();
        JsonNode plan = Json.mapper().readTree(out.toString());
        assertThat(plan.path("digest").asText()).startsWith("sha256:");
        assertThat(plan.path("strategy").asText()).isEqualTo("online");
        JsonNode step = plan.path("steps").path(0);
        assertThat(step.path("sql").path(0).asText()).startsWith("CREATE INDEX CONCURRENTLY orders_note");
        assertThat(step.path("kind").asText()).isEqualTo("autocommit");
        assertThat(step.path("lock").asText()).isEqualTo("SHARE UPDATE EXCLUSIVE");
        assertThat(step.path("online").asBoolean()).isTrue();
        assertThat(step.path("origin").asInt()).isZero();
        assertThat(step.path("inverse").path("sql").path(0).asText()).startsWith("DROP INDEX CONCURRENTLY");
        assertThat(step.path("inverse").path("lossless").asBoolean()).isTrue();
        assertThat(step.path("verify").path(0).asText()).contains("indisvalid");
        assertThat(plan.path("redFlags").isArray()).isTrue();
    }

    @Test
    void isWrittenAsSqlAndAsMarkdown() throws Exception {
        assertThat(plan("DROP TABLE orders", "-o", "sql")).isZero();
        assertThat(out.toString()).contains("SET SCHEMA fermata_attic;");
        assertThat(plan("DROP TABLE orders", "-o", "markdown")).isZero();
        assertThat(out.toString())
                .contains("### Plan `sha256:", "| contract | transaction | yes |", "```sql")
                .contains("#### Statement 1, as it is written\n\n```sql\nDROP TABLE orders;\n```");
    }

    @Test
    void theSameChangeOnTheSameSchemaHasTheSameDigest() throws Exception {
        plan("ALTER TABLE orders ADD COLUMN a integer UNIQUE", "-o", "json");
        String first = out.toString();
        out.getBuffer().setLength(0);
        plan("ALTER TABLE orders ADD COLUMN a integer UNIQUE", "-o", "json");
        assertThat(out.toString()).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COMMIT | statement-not-allowed | BEGIN, COMMIT and so on",
                "ALTER TABLE nowhere ADD COLUMN a int | sql-error | empty copy of the schema",
                "ALTER TABEL orders | sql-syntax | change.sql:1:7",
                "MERGE INTO orders USING orders AS o ON false WHEN NOT MATCHED THEN DO NOTHING | no-rollback | sql"
                        + " rollback",
            })
    void whatCannotBePlannedIsRefusedWithOneClearMessage(String refused) throws Exception {
        String[] parts = refused.split(" \\| ");
        assertThat(plan(parts[0])).isEqualTo(ExitCode.ERROR.code());
        assertThat(err.toString()).contains("error: " + parts[1], parts[2]).doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsNotFound() {
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute("plan", folder.resolve("nothing.sql").toString(), "--target", "shop");
        assertThat(exit).isEqualTo(ExitCode.NOT_FOUND.code());
        assertThat(err.toString()).contains("no-such-file", "nothing.sql");
    }

    @Test
    void ofAUrlOnlyWhereAndWhoAreTaken() {
        TargetUrl url =
                TargetUrl.parse("jdbc:postgresql://db.example.org:6543/shop?user=ada", Map.of("PGPASSWORD", "x"));
        assertThat(url).isEqualTo(new TargetUrl("db.example.org", 6543, "shop", "ada", "x"));
        assertThatThrownBy(() -> TargetUrl.parse("jdbc:postgresql://h/d?socketFactory=evil", Map.of()))
                .hasMessageContaining("socketFactory")
                .hasMessageNotContaining("evil");
        assertThatThrownBy(() -> TargetUrl.parse("jdbc:mysql://h/d", Map.of()))
                .hasMessageContaining("jdbc:postgresql://");
    }
}
