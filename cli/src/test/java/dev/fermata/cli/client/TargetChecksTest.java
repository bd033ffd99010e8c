package dev.fermata.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.json.Json;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code fermata target check} of a target that names a role; what it says to do is done. */
class TargetChecksTest {
    @TempDir
    private Path folder;

    private TestDatabase shop;
    private String user;

    @BeforeEach
    void open() throws Exception {
        shop = RealPostgres.shared().newDatabase();
        shop.execute("CREATE TABLE orders (id integer PRIMARY KEY)");
        user = shop.newUser();
        role(shop.user());
    }

    private void role(String role) throws Exception {
        registry("role: " + role + ", ");
    }

    private void registry(String role) throws Exception {
        Path password = Files.writeString(folder.resolve("password"), shop.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(folder.resolve("fermata.yaml"), """
            targets:
              shop: {host: %s, port: %d, database: %s, user: %s, %spassword-file: %s, environment: test}
            """.formatted(
                        RealPostgres.shared().host(), RealPostgres.shared().port(), shop.name(), user, role, password));
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private static void grant(String options, String role, String user) throws SQLException {
        RealPostgres.shared().execute("GRANT " + role + " TO " + user + " " + options);
    }

    private JsonNode checks() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(
                        "target",
                        "check",
                        "shop",
                        "-o",
                        "json",
                        "-c",
                        folder.resolve("fermata.yaml").toString());
        assertThat(out.toString()).as(err.toString()).contains("reachable");
        return Json.mapper().readTree(out.toString());
    }

    private String found(String name) throws Exception {
        for (JsonNode check : checks()) {
            if (check.path("check").asText().equals(name)) {
                return check.path("found").asText();
            }
        }
        throw new AssertionError("no check '" + name + "'");
    }

    /** What is wrong, by check: what was found, and after an arrow what makes it well. */
    private Map<String, String> problems() throws Exception {
        Map<String, String> problems = new LinkedHashMap<>();
        checks().forEach(check -> {
            if (!check.path("ok").asBoolean()) {
                problems.put(
                        check.path("check").asText(),
                        check.path("found").asText() + " -> "
                                + check.path("fix").asText());
            }
        });
        return problems;
    }

    private static String fix(String problem) {
        return problem.substring(problem.indexOf(" -> ") + 4);
    }

    @Test
    void aMemberOfTheOwnerHasAllItNeeds() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | may not act as",
                "WITH INHERIT TRUE, SET FALSE | may not act as",
                "WITH INHERIT FALSE, SET TRUE | does not inherit its rights"
            })
    void whoMayNotActAsTheRoleIsToldWhatToGrant(String options, String found) throws Exception {
        if (!options.isEmpty()) {
            grant(options, shop.user(), user);
        }
        Map<String, String> problems = problems();
        assertThat(problems).containsOnlyKeys("role");
        assertThat(problems.get("role")).contains(found, shop.user());
        RealPostgres.shared().execute(fix(problems.get("role")));
        assertThat(problems()).isEmpty();
    }

    @Test
    void aRoleThatIsNotThereIsSaidToBeMissing() throws Exception {
        role("no_such_role");
        assertThat(problems().get("role"))
                .isEqualTo("there is no role no_such_role -> CREATE ROLE no_such_role NOLOGIN; GRANT no_such_role TO "
                        + user + " WITH INHERIT TRUE, SET TRUE;");
    }

    /** It could not cancel what it runs itself. */
    @Test
    void whoActsAsAnotherByASettingIsToldToNameTheRole() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        registry("");
        RealPostgres.shared()
                .execute("ALTER ROLE " + user + " IN DATABASE " + shop.name() + " SET role = " + shop.user());
        assertThat(problems().get("role"))
                .contains("a setting makes user " + user + " act as role " + shop.user())
                .endsWith("-> targets.shop.role: " + shop.user());
        role(shop.user());
        assertThat(problems()).isEmpty();
    }

    /** To be a member of a superuser would be far too much. */
    @Test
    void whatASuperuserOwnsIsToBeHandedOver() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        try (Connection admin = shop.connectAsSuperuser();
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE TABLE theirs (id int); CREATE SEQUENCE numbers; CREATE VIEW seen AS SELECT 1");
        }
        Map<String, String> problems = problems();
        assertThat(problems.get("tables")).contains("belong to others: numbers, seen, theirs");
        try (Connection admin = shop.connectAsSuperuser();
                Statement statement = admin.createStatement()) {
            statement.execute(fix(problems.get("tables")));
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void aRoleThatMayDoEverythingIsRefused() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        RealPostgres.shared().execute("ALTER ROLE " + shop.user() + " SUPERUSER");
        Map<String, String> problems = problems();
        assertThat(problems.get("role")).contains("superuser");
        RealPostgres.shared().execute(fix(problems.get("role")));
        assertThat(problems()).isEmpty();
    }

    @Test
    void whatTheUserMadeBeforeThereWasARoleIsGivenToIt() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        asUser("CREATE SCHEMA fermata CREATE TABLE ledger (id int)", "CREATE SCHEMA fermata_attic");
        Map<String, String> problems = problems();
        assertThat(problems).containsOnlyKeys("own schemas", "tables");
        assertThat(fix(problems.get("tables"))).isEqualTo(fix(problems.get("own schemas")));
        asUser(fix(problems.get("own schemas")));
        assertThat(problems()).isEmpty();
    }

    @Test
    void anExtensionThatOnlyASuperuserMayMakeIsSaidToBeMissingInClones() throws Exception {
        assertThat(found("extensions")).isEqualTo("all of them can be made in a clone");
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("CREATE EXTENSION pg_stat_statements; CREATE EXTENSION citext");
        }
        assertThat(found("extensions"))
                .isEqualTo("a clone may have to do without pg_stat_statements, which not every role may make");
    }

    @Test
    void aSequenceOfAnotherTeamIsNamedAndOneOfATableIsNotCountedBesideIt() throws Exception {
        grant("WITH INHERIT TRUE, SET TRUE", shop.user(), user);
        shop.execute("CREATE TABLE lines (id integer GENERATED ALWAYS AS IDENTITY, no serial)");
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("CREATE SEQUENCE invoices");
        }
        assertThat(problems()).containsOnlyKeys("tables");
        assertThat(problems().get("tables"))
                .isEqualTo("1 of 3 tables, views and sequences belong to others: invoices -> ALTER TABLE invoices OWNER"
                        + " TO "
                        + shop.user() + ";");
    }

    private void asUser(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(shop.jdbcUrl(), user, shop.password());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
