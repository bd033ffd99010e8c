package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a definition says in its small print is there after the change, and there again when it is taken back. */
@Execution(ExecutionMode.CONCURRENT)
class DefinitionsTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;

    private SampleDatabase database;
    private int orders;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void create() throws SQLException {
        database = SampleDatabase.createEmpty();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** Each is an order of its own. */
    private Plan plan(SampleDatabase on, String change) throws Exception {
        orders++;
        return new Drafting(new Planner(parser))
                .draft(on.target(), RUN, orders, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }

    private Plan plan(String change) throws Exception {
        return plan(database, change);
    }

    private void execute(String... sql) throws SQLException {
        database.database().execute(sql);
    }

    private String ask(String sql) throws SQLException {
        return database.database().ask(sql);
    }

    private static List<String> flags(Plan plan) {
        return plan.redFlags().stream().map(RedFlag::message).toList();
    }

    private static final String NOTES = "CREATE TABLE notes (id integer PRIMARY KEY, status text DEFAULT '7', valid"
            + " int4range NOT NULL DEFAULT '[1,2)', other integer, CONSTRAINT notes_other UNIQUE (other));;"
            + "INSERT INTO notes (id, other) SELECT n, n FROM generate_series(1, 300) AS n";

    static Stream<Arguments> changes() {
        return Stream.of(
                argumentSet(
                        "a default that goes before the type changes",
                        NOTES,
                        "ALTER TABLE notes ALTER status DROP DEFAULT, ALTER status TYPE integer USING"
                                + " status::integer, ALTER status SET DEFAULT 0"),
                argumentSet(
                        "the settings of an index",
                        NOTES + ";; CREATE INDEX looked_up ON notes (lower(status));; COMMENT ON INDEX looked_up IS"
                                + " 'why';; ALTER INDEX looked_up ALTER COLUMN 1 SET STATISTICS 77;; ALTER TABLE"
                                + " notes CLUSTER ON looked_up",
                        "DROP INDEX looked_up"),
                argumentSet(
                        "the settings of a key's index",
                        NOTES + ";; ALTER TABLE notes CLUSTER ON notes_other;; COMMENT ON CONSTRAINT notes_other ON"
                                + " notes IS 'why'",
                        "ALTER TABLE notes DROP CONSTRAINT notes_other"),
                argumentSet(
                        "a NOT NULL with a name of its own",
                        NOTES,
                        "ALTER TABLE notes ADD COLUMN at timestamptz CONSTRAINT at_is_known NOT NULL DEFAULT"
                                + " clock_timestamp()"),
                argumentSet(
                        "a NOT NULL with a name of its own, beside a check",
                        NOTES,
                        "ALTER TABLE notes ADD COLUMN at integer CONSTRAINT at_is_known NOT NULL DEFAULT 7 CHECK (at"
                                + " > 0)"),
                argumentSet(
                        "a NOT NULL of long names",
                        NOTES + ";; ALTER TABLE notes RENAME TO a_table_with_a_name_that_is_rather_long",
                        "ALTER TABLE a_table_with_a_name_that_is_rather_long ADD COLUMN"
                                + " a_column_with_a_name_that_is_long uuid NOT NULL DEFAULT gen_random_uuid()"),
                argumentSet("what SELECT makes", NOTES, "SELECT id, status INTO kept FROM notes WHERE id < 10"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void endsAsWrittenAndGoesBack(String schema, String change) throws Exception {
        compare(schema, change);
    }

    private void compare(String schema, String change) throws Exception {
        execute(schema.split(";;"));
        List<String> start = database.looks();
        try (SampleDatabase asWritten = SampleDatabase.createEmpty()) {
            asWritten.database().execute(schema.split(";;"));
            asWritten.runAsWritten(change);
            Plan plan = plan(change);
            database.run(plan, Direction.FORWARD);
            assertThat(differences(asWritten.looks(), database.looks()))
                    .filteredOn(line -> isSame(change, line))
                    .as("online against as written")
                    .isEmpty();
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).as("back").isEmpty();
            database.run(plan, Direction.FORWARD);
            assertThat(differences(asWritten.looks(), database.looks()))
                    .filteredOn(line -> isSame(change, line))
                    .as("forward again")
                    .isEmpty();
        }
    }

    /** Values of clocks and dice differ. */
    private static boolean isSame(String change, String line) {
        boolean volatileValues = change.contains("clock_timestamp") || change.contains("gen_random_uuid");
        return !(volatileValues && line.matches("[-+] \\S+ has \\d+ rows .*"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE stays ADD PRIMARY KEY (id, valid WITHOUT OVERLAPS)",
                "ALTER TABLE stays DROP CONSTRAINT stays_there"
            })
    void aKeyOverTimeHasNoUniqueIndex(String change) throws Exception {
        assumeTrue(Integer.parseInt(ask("SHOW server_version_num")) >= 180_000, "keys over time came with 18");
        compare(
                "CREATE EXTENSION btree_gist;; CREATE TABLE stays (id integer NOT NULL, valid int4range NOT NULL,"
                        + " CONSTRAINT stays_there UNIQUE (id, valid WITHOUT OVERLAPS));;"
                        + "INSERT INTO stays SELECT n, '[1,2)' FROM generate_series(1, 300) AS n",
                change);
    }

    @Test
    void anIdentityFillsAsItsOptionsSayAndWhoMayInsertMayInsertMeanwhile() throws Exception {
        execute("CREATE TABLE notes (n integer PRIMARY KEY)", "INSERT INTO notes SELECT generate_series(1, 12000)");
        String role = "writer_of_" + database.database().name();
        AtomicInteger written = new AtomicInteger(20_000);
        try (Connection superuser = database.database().connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("CREATE ROLE " + role);
            try {
                statement.execute("GRANT INSERT ON notes TO " + role);
                statement.execute("SET ROLE " + role);
                database.runBatches(
                        plan("ALTER TABLE notes ADD COLUMN id integer GENERATED ALWAYS AS IDENTITY (START WITH 1000"
                                + " INCREMENT BY 10 MINVALUE 1000)"),
                        () -> insert(statement, written.incrementAndGet()));
                insert(statement, written.incrementAndGet());
            } finally {
                statement.execute("RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role);
            }
        }
        int rows = 12_000 + written.get() - 20_000;
        assertThat(ask("SELECT min(id) || ' ' || max(id) || ' ' || count(DISTINCT id) FROM notes"))
                .isEqualTo("1000 " + (1000 + 10 * (rows - 1)) + " " + rows);
    }

    private static void insert(Statement statement, int n) {
        try {
            statement.execute("INSERT INTO notes (n) VALUES (" + n + ")");
        } catch (SQLException e) {
            throw new AssertionError("the application cannot write", e);
        }
    }

    @Test
    void deletedRowsComeBackWithWhatRestsInTheAttic() throws Exception {
        execute(NOTES.split(";;"));
        List<String> start = database.looks();
        Plan column = plan("ALTER TABLE notes DROP COLUMN valid");
        Plan rows = plan("DELETE FROM notes WHERE id > 100");
        database.run(column, Direction.FORWARD);
        database.run(rows, Direction.FORWARD);
        assertThat(ask("SELECT count(*) FROM notes")).isEqualTo("100");
        database.run(rows, Direction.BACK);
        database.run(column, Direction.BACK);
        assertThat(differences(start, database.looks()))
                .allMatch(line -> line.startsWith("~ table public.notes")); // the order of its columns
        assertThat(ask("SELECT count(*) FROM notes WHERE valid = '[1,2)'")).isEqualTo("300");
    }

    @Test
    void whatIsReplicatedToTheTableIsConvertedToo() throws Exception {
        execute(NOTES.split(";;"));
        Plan plan = plan("ALTER TABLE notes ALTER COLUMN other TYPE numeric(12, 2)");
        AtomicInteger ids = new AtomicInteger(1000);
        try (Connection superuser = database.database().connectAsSuperuser();
                Statement replica = superuser.createStatement()) {
            replica.execute("SET session_replication_role = replica");
            Runnable write = () -> write(replica, ids.incrementAndGet());
            database.run(plan, Direction.FORWARD, write);
            assertThat(ask("SELECT count(*) FROM notes WHERE id > 1000 AND other IS DISTINCT FROM id"))
                    .isEqualTo("0");
            write.run();
            database.run(plan, Direction.BACK, write);
        }
        assertThat(ask("SELECT count(*) FROM notes WHERE id > 1000 AND other IS DISTINCT FROM id"))
                .isEqualTo("0");
    }

    private static void write(Statement statement, int id) {
        try {
            statement.execute("INSERT INTO notes (id, other) VALUES (" + id + ", 0); UPDATE notes SET other = id WHERE"
                    + " id = " + id);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rowsThatAreChangedWithinASelectAreNotTakenForLookedAt() throws Exception {
        execute(NOTES.split(";;"));
        assertThatThrownBy(() ->
                        plan("WITH gone AS (DELETE FROM notes WHERE id < 10 RETURNING *) SELECT count(*) FROM gone"))
                .isInstanceOf(PlanRefusedException.class)
                .hasMessageContaining("changes rows within WITH");
        assertThat(plan("WITH seen AS (SELECT id FROM notes) SELECT id FROM seen")
                        .redFlags())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT setval('numbers', 5000) | sequence numbers",
                "ALTER SEQUENCE numbers RESTART WITH 5000 | sequence public.numbers",
                "ALTER TABLE counted ALTER COLUMN id RESTART WITH 5000 | the identity of public.counted.id",
            })
    void thatASequenceStaysWhereItIsIsSaid(String change, String what) throws Exception {
        execute("CREATE SEQUENCE numbers", "CREATE TABLE counted (id integer GENERATED ALWAYS AS IDENTITY)");
        Plan plan = plan(change);
        assertThat(flags(plan))
                .containsExactly("after a rollback: the position of " + what + " stays where it is then");
        List<String> start = database.looks();
        database.run(plan, Direction.FORWARD);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
        assertThat(flags(plan("ALTER SEQUENCE numbers CACHE 5"))).isEmpty();
    }

    @Test
    void aDefaultPartitionThatRefusesRowsOfTheNewOneIsSaid() throws Exception {
        execute(
                "CREATE TABLE visits (id integer) PARTITION BY RANGE (id)",
                "CREATE TABLE visits_1 (id integer)",
                "INSERT INTO visits_1 SELECT generate_series(1, 99)");
        String attach = "ALTER TABLE visits ATTACH PARTITION visits_1 FOR VALUES FROM (0) TO (100)";
        assertThat(flags(plan(attach))).noneMatch(flag -> flag.contains("are refused"));
        execute("CREATE TABLE visits_rest PARTITION OF visits DEFAULT", "INSERT INTO visits VALUES (1000)");
        Plan plan = plan(attach);
        assertThat(flags(plan)).anyMatch(flag -> flag.contains("rows that belong into public.visits_1 are refused"));
        database.run(plan, Direction.FORWARD);
        execute("INSERT INTO visits VALUES (50)");
        assertThat(ask("SELECT count(*) FROM visits_1")).isEqualTo("100");
    }
}
