package dev.fermata.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.cli.Main;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LintTargetTest {
    @TempDir
    private Path folder;

    private TestDatabase shop;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws IOException {
        shop = RealPostgres.shared().newDatabase();
        Path password = Files.writeString(folder.resolve("password"), shop.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(folder.resolve("fermata.yaml"), """
            targets:
              shop:
                host: %s
                port: %d
                database: %s
                user: %s
                password-file: %s
                environment: staging
            """.formatted(
                        RealPostgres.shared().host(),
                        RealPostgres.shared().port(),
                        shop.name(),
                        shop.user(),
                        folder.resolve("password")));
        Files.writeString(folder.resolve("a.sql"), "CREATE INDEX i ON orders (note);");
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private int lint(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("lint", folder.resolve("a.sql").toString(), "-c"));
        all.add(folder.resolve("fermata.yaml").toString());
        all.addAll(List.of(arguments));
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    @Test
    void aSmallTableOfTheTargetMakesTheSameStatementHarmless() throws SQLException {
        shop.execute("create table orders (note text)", "insert into orders values ('x')", "analyze");

        assertThat(lint()).isEqualTo(6);
        int exit = lint("--target", "shop");

        assertThat(exit).as(err.toString()).isZero();
        assertThat(out.toString()).contains("low index-blocks-writes", "orders (about 1 rows)");
    }

    @Test
    void whatIsGoingOnOnTheTargetIsFound() throws SQLException {
        shop.execute("create table orders (note text)");
        try (Connection dump = shop.connect();
                Statement statement = dump.createStatement()) {
            statement.execute("set application_name = 'pg_dump'");
            dump.setAutoCommit(false);
            statement.execute("lock table orders in row exclusive mode");

            assertThat(lint("--target", "shop")).isEqualTo(6);
            dump.rollback();
        }
        assertThat(out.toString()).contains("high dump-in-the-way", "ROW EXCLUSIVE on public.orders; SHARE waits");
    }

    @Test
    void aTableThatTheTargetDoesNotHaveIsNoRisk() {
        assertThat(lint("--target", "shop")).as(err.toString()).isZero();
    }

    @Test
    void aTargetThatIsNotThereIsAnErrorWithTheNearestName() {
        assertThat(lint("--target", "shap")).isEqualTo(3);
        assertThat(err.toString()).contains("target 'shap' is not in", "did you mean 'shop'?");
    }

    @Test
    void aTargetThatRefusesIsAnErrorWithoutItsPassword() throws IOException {
        Files.writeString(folder.resolve("password"), "wrong-secret");
        assertThat(lint("--target", "shop")).isEqualTo(1);
        assertThat(err.toString()).contains("error: ").doesNotContain("wrong-secret");
    }

    @Test
    void aVersionAndATargetAreOneTooMany() {
        assertThat(lint("--target", "shop", "--pg-version", "16")).isEqualTo(2);
    }
}
