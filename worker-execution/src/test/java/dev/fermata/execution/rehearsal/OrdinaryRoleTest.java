package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.backup.Backup;
import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.execution.backup.Backups;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.TargetException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What superusers and other teams have put into a database does not keep an ordinary role from changing its tables. */
class OrdinaryRoleTest {
    private static final String CHANGE = "ALTER TABLE orders ADD COLUMN note text";

    private static SqlParser parser;

    @TempDir
    private Path root;

    private Stage stage;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void fill() throws SQLException {
        stage = new Stage(
                parser,
                "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text, amount integer)",
                "INSERT INTO orders (code, amount) SELECT 'c' || n % 900, n FROM generate_series(1, 1000) AS n");
    }

    @AfterEach
    void drop() throws SQLException {
        try {
            assertThat(stage.leftovers()).isEmpty();
        } finally {
            stage.close();
        }
    }

    private void asSuperuser(String... statements) throws SQLException {
        try (Connection superuser = stage.database().connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private void whatOnlyASuperuserMakes() throws SQLException {
        asSuperuser(
                "CREATE EXTENSION pg_stat_statements",
                "CREATE EXTENSION pg_trgm",
                "CREATE PUBLICATION everything FOR ALL TABLES",
                "CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA public",
                "COMMENT ON PUBLICATION of_schema IS 'for the warehouse'",
                "CREATE FUNCTION audited() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION audited()",
                "COMMENT ON EVENT TRIGGER audit IS 'by the auditors'",
                "CREATE FUNCTION same(text) RETURNS text LANGUAGE sql IMMUTABLE LEAKPROOF AS 'SELECT $1'",
                "CREATE FUNCTION native(integer) RETURNS integer LANGUAGE internal AS 'int4um'",
                "CREATE FUNCTION quietly() RETURNS integer LANGUAGE sql SET log_min_messages = error AS 'SELECT 1'");
    }

    private void aPolicyForARole() throws SQLException {
        stage.database()
                .execute(
                        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
                        "CREATE POLICY own ON orders TO " + stage.database().newUser() + " USING (amount > 0)");
    }

    private void anIndexThatFailed() {
        assertThatThrownBy(() -> stage.database().execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON orders (code)"))
                .isInstanceOf(SQLException.class);
    }

    private void sequencesOfAnotherTeam() throws SQLException {
        asSuperuser("CREATE SCHEMA billing CREATE SEQUENCE numbers", "CREATE SEQUENCE hidden");
    }

    private RehearsalReport rehearse(String change) throws Exception {
        Planner.Planned planned = stage.plan(change, null);
        return stage.rehearse(planned, UnaryOperator.identity(), WorkOrder.Clone.DUMP);
    }

    private BackupReport backup() throws Exception {
        return new Backup(
                        stage.target(),
                        Stage.RUN,
                        "sha256:0123456789abcdef",
                        BackupConfig.in(root),
                        Clock.systemUTC(),
                        () -> {})
                .take(WorkOrder.BackupMode.AFFECTED, Set.of(new QualifiedName("public", "orders")));
    }

    /** Everything at once: it is planned, rehearsed with all rows, kept, restored and compared. */
    @Test
    void nothingOfOthersIsInTheWayOfAChangeOfOurTables() throws Exception {
        whatOnlyASuperuserMakes();
        aPolicyForARole();
        anIndexThatFailed();
        sequencesOfAnotherTeam();
        RehearsalReport report = rehearse(CHANGE);
        assertThat(report.failure()).isNull();
        assertThat(report.cloneNotes())
                .contains(
                        "not in the clone: position of sequence billing.numbers, which may not be read (GRANT USAGE ON"
                                + " SCHEMA billing TO " + stage.database().user() + "; GRANT SELECT ON SEQUENCE"
                                + " billing.numbers TO " + stage.database().user() + ";)",
                        "not in the clone, as its role may not make it: extension pg_stat_statements",
                        "not in the clone, as its role may not make it: publication everything",
                        "not in the clone, as its role may not make it: publication of_schema",
                        "not in the clone, as its role may not make it: event trigger audit",
                        "not in the clone, as its role may not make it: function public.native(integer)",
                        "not in the clone, as its role may not make it: function public.quietly()",
                        "not in the clone, as its role may not make it: LEAKPROOF of function public.same(text)")
                .noneMatch(note -> note.contains("pg_trgm"));

        BackupReport backup = backup();
        assertThat(backup.tables()).extracting(BackupReport.Table::name).containsExactly("public.orders");
        assertThat(backup.notes())
                .contains("kept, but not restored to be compared, as the role may not make it: extension"
                        + " pg_stat_statements")
                .anyMatch(note -> note.startsWith("not kept: position of sequence public.hidden"));
        try (Backups backups = Backups.open(BackupConfig.in(root))) {
            assertThat(backups.differences(backups.list().backups().getFirst(), stage.target()))
                    .isEmpty();
        }
    }

    @Test
    void subscribersOfAPublicationThatNoCopyHasAreThoughtOf() throws Exception {
        asSuperuser("CREATE PUBLICATION everything FOR ALL TABLES");
        assertThat(stage.plan("ALTER TABLE orders DROP COLUMN amount", null)
                        .plan()
                        .redFlags())
                .filteredOn(flag -> flag.code().equals("published-columns"))
                .singleElement()
                .extracting(RedFlag::message)
                .asString()
                .startsWith("subscribers of everything stop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP INDEX broken",
                "DROP INDEX broken; DELETE FROM orders WHERE id > 900; CREATE UNIQUE INDEX broken ON orders (code)"
            })
    void anIndexThatFailedCanBeDroppedAndBuiltAnew(String change) throws Exception {
        anIndexThatFailed();
        stage.database().execute("COMMENT ON INDEX broken IS 'see ticket'");
        assertThat(rehearse(change).failure()).isNull();
    }

    @Test
    void anIndexThatFailedIsMendedByReindexOnceTheRowsAllowIt() throws Exception {
        anIndexThatFailed();
        assertThat(rehearse("REINDEX INDEX broken").failure()).isNotNull();
        stage.database().execute("DELETE FROM orders WHERE id > 900");
        assertThat(rehearse("REINDEX INDEX broken").failure()).isNull();
    }

    @Test
    void anIndexThatFailedFailsInTheRehearsalAsItDidOnTheTarget() throws Exception {
        anIndexThatFailed();
        RehearsalReport report = rehearse("DROP INDEX broken; CREATE UNIQUE INDEX broken ON orders (code)");
        assertThat(Objects.requireNonNull(report.failure()).message()).contains("unique constraint violated");
    }

    @Test
    void tablesOfAnotherTeamWhoseRowsMayNotBeReadAreNamedWithWhatToGrant() throws Exception {
        asSuperuser("CREATE SCHEMA billing CREATE TABLE plain (id integer)");
        Planner.Planned planned = stage.plan(CHANGE, null);
        assertThat(stage.rehearse(planned, UnaryOperator.identity(), WorkOrder.Clone.SCHEMA)
                        .failure())
                .isNull();
        String user = stage.database().user();
        assertThatThrownBy(() -> stage.rehearse(planned, UnaryOperator.identity(), WorkOrder.Clone.SAMPLE))
                .isInstanceOf(CloneRefusedException.class)
                .hasMessage(
                        "the rows of billing.plain on target 'shop' may not be read; have their owner grant it: GRANT"
                                + " USAGE ON SCHEMA billing TO " + user + "; GRANT SELECT ON billing.plain TO " + user
                                + "; or rehearse without rows (rehearsal: {clone: schema})");
    }

    @Test
    void aChangeOfWhatTheCopyHasNotIsRefusedWithTheReason() throws Exception {
        asSuperuser(
                "CREATE EXTENSION pg_stat_statements",
                "CREATE VIEW slow AS SELECT query FROM pg_stat_statements",
                "ALTER VIEW slow OWNER TO " + stage.database().user());
        assertThatThrownBy(() -> stage.plan("DROP VIEW slow", null))
                .isInstanceOf(PlanRefusedException.class)
                .hasMessageContaining("view \"slow\" does not exist; the copy is without what its role may not make:"
                        + " extension pg_stat_statements (tried on an empty copy of the schema)");
    }

    @Test
    void anExtensionThatTablesNeedIsNamedWhereItMayNotBeMade() throws Exception {
        asSuperuser("CREATE EXTENSION bloom", "CREATE INDEX by_amount ON orders USING bloom (amount)");
        assertThatThrownBy(() -> stage.plan(CHANGE, null))
                .isInstanceOf(TargetException.class)
                .hasMessageStartingWith(
                        "copying the schema of target 'shop' failed: extension bloom may not be made by the"
                                + " role that makes the copy, and index public.by_amount needs it;");
    }
}
