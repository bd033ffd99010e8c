package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What meets a column that rests in its table, or one of ours beside it, by other means than its name. */
@Execution(ExecutionMode.CONCURRENT)
class RestingColumnsTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;
    private SampleDatabase database;
    private int revision;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    @BeforeEach
    void fill() throws Exception {
        database = SampleDatabase.createEmpty();
        database.database()
                .execute(
                        "CREATE TABLE orders (id integer PRIMARY KEY, note text, status text DEFAULT 'new')",
                        "CREATE TABLE events (day date, note text, what text) PARTITION BY RANGE (day)",
                        "CREATE TABLE later (day date, what text)",
                        "CREATE TABLE log (id integer PRIMARY KEY, note text, what text)");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** Of a revision of its own, as the ledger knows those that ran. */
    private Plan plan(String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, ++revision, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }

    private List<String> flags(String change) throws Exception {
        return plan(change).redFlags().stream().map(RedFlag::code).toList();
    }

    private void dropColumn(String table, String column) throws Exception {
        database.run(plan("ALTER TABLE " + table + " DROP COLUMN " + column), Direction.FORWARD);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "INSERT INTO orders VALUES (7, 'paid') | an INSERT without a list of columns",
                "INSERT INTO orders SELECT 1, 'paid' | an INSERT without a list of columns",
                "INSERT INTO log (id, note) SELECT * FROM orders | * would include",
                "CREATE VIEW all_orders AS SELECT * FROM orders | * would include",
                "CREATE VIEW all_orders AS SELECT o.* FROM orders AS o WHERE id > 3 | * would include",
                "CREATE TABLE copy AS SELECT * FROM orders | * would include",
                "CREATE TABLE copy AS SELECT * FROM (SELECT o.* FROM log JOIN orders AS o USING (id)) AS s | * would"
                        + " include",
                "CREATE TABLE copy AS SELECT id, what FROM log UNION ALL SELECT * FROM orders | * would include",
                "CREATE TABLE copy AS WITH s AS (SELECT * FROM orders) SELECT * FROM s | * would include",
                "CREATE TABLE copy (LIKE orders INCLUDING ALL) | LIKE would include",
                "ALTER TABLE events ATTACH PARTITION later FOR VALUES FROM ('2030-01-01') TO ('2031-01-01') | same"
                        + " columns",
            })
    void givenAColumnThatRests_whenAStatementWouldMeetItUnnamed_thenItIsRefusedWithWhatToDo(String change, String why)
            throws Exception {
        dropColumn("orders", "note");
        dropColumn("events", "note");
        assertThatThrownBy(() -> plan(change))
                .isInstanceOf(PlanRefusedException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("fermata_attic_")
                .hasMessageContaining("DROP COLUMN")
                .hasMessageStartingWith("statement 1 (line 1): ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO orders (id, status) VALUES (7, 'paid')",
                "INSERT INTO log VALUES (1, 'n', 'w')",
                "INSERT INTO log (id) SELECT 9 WHERE NOT EXISTS (SELECT * FROM orders WHERE status = 'x')",
                "INSERT INTO log (id) SELECT s.* FROM (SELECT id FROM orders) AS s",
                "DROP TABLE orders; CREATE TABLE orders (a integer, b integer); INSERT INTO orders VALUES (1, 2)",
                "CREATE VIEW one AS SELECT id, status FROM orders",
                "CREATE VIEW one AS SELECT * FROM log",
                "CREATE TABLE copy (LIKE log)",
                "CREATE TABLE next PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01')",
                "UPDATE orders SET status = 'x' WHERE EXISTS (SELECT * FROM log)",
            })
    void givenAColumnThatRests_whenAStatementDoesNotMeetIt_thenItIsPlannedAndRuns(String change) throws Exception {
        dropColumn("orders", "note");
        dropColumn("events", "note");
        database.run(plan(change), Direction.FORWARD);
    }

    @Test
    void givenAColumnThatRestsBehindAllOthers_whenAnInsertNamesNone_thenItDoesNotReachIt() throws Exception {
        dropColumn("orders", "status");
        database.run(plan("INSERT INTO orders VALUES (7, 'a note')"), Direction.FORWARD);
        assertThat(database.database().ask("SELECT note FROM orders WHERE id = 7"))
                .isEqualTo("a note");
    }

    @Test
    void givenAColumnThatRests_whenTheSameChangePurgesItBefore_thenNothingIsInTheWay() throws Exception {
        dropColumn("orders", "note");
        String resting = database.database()
                .ask("SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname ~ '^fermata'");
        database.run(
                plan("ALTER TABLE orders DROP COLUMN " + resting + "; INSERT INTO orders VALUES (7, 'paid')"),
                Direction.FORWARD);
        assertThat(database.database().ask("SELECT status FROM orders WHERE id = 7"))
                .isEqualTo("paid");
    }

    @Test
    void thatAColumnStaysWhereItStoodIsAFlagUnlessItStoodLast() throws Exception {
        assertThat(flags("ALTER TABLE orders DROP COLUMN note")).contains("column-rests-in-place");
        assertThat(flags("ALTER TABLE orders DROP COLUMN status")).doesNotContain("column-rests-in-place");
        assertThat(plan("ALTER TABLE events DROP COLUMN what").redFlags())
                .anySatisfy(flag -> assertThat(flag.message()).contains("cannot be attached as a partition"));
    }

    @Test
    void whatSubscribersOfAPublishedTableWouldStopAtIsAHighFlag() throws Exception {
        database.database()
                .execute("INSERT INTO orders SELECT n, repeat(md5(n::text), 4) FROM generate_series(1, 80000) AS n");
        String type = "ALTER TABLE orders ALTER COLUMN id TYPE bigint";
        String column = "ALTER TABLE orders DROP COLUMN note";
        assertThat(flags(type)).doesNotContain("published-columns");
        assertThat(flags(column)).doesNotContain("published-columns");
        database.database().execute("CREATE PUBLICATION p FOR TABLE orders");
        assertThat(flags(type)).contains("published-columns");
        assertThat(plan(column).redFlags()).anySatisfy(flag -> assertThat(flag.message())
                .contains("subscribers of p stop", "ALTER PUBLICATION p SET TABLE public.orders (...)"));
        assertThat(flags("ALTER TABLE log DROP COLUMN note")).doesNotContain("published-columns");
        assertThat(flags("ALTER TABLE orders ALTER COLUMN note SET NOT NULL")).doesNotContain("published-columns");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE log DROP CONSTRAINT sane",
                "ALTER TABLE log DROP CONSTRAINT once",
                "ALTER TABLE log DROP CONSTRAINT known",
                "ALTER TABLE log DROP COLUMN what",
                "DROP INDEX log_note",
                "DROP TABLE log",
            })
    void whatNewRowsNeedNotFitAnyMoreMayStopTheWayBackAndIsSaid(String change) throws Exception {
        database.database()
                .execute(
                        "ALTER TABLE log ADD CONSTRAINT sane CHECK (note <> '' OR what <> ''),"
                                + " ADD CONSTRAINT once UNIQUE (what), ADD CONSTRAINT known FOREIGN KEY (id) REFERENCES"
                                + " orders",
                        "CREATE UNIQUE INDEX log_note ON log (note)");
        assertThat(plan(change).redFlags())
                .filteredOn(flag -> flag.code().equals("rollback-loses-new-data"))
                .singleElement()
                .satisfies(flag -> assertThat(flag.message()).contains("stop the rollback"));
    }

    @Test
    void whatHoldsNothingYetOrIsNotUniqueStopsNoWayBack() throws Exception {
        database.database()
                .execute(
                        "ALTER TABLE log ADD CONSTRAINT sane CHECK (id > 0) NOT VALID",
                        "CREATE INDEX log_note ON log (note)");
        assertThat(flags("DROP INDEX log_note")).doesNotContain("rollback-loses-new-data");
        assertThat(flags("DROP TABLE orders")).doesNotContain("rollback-loses-new-data");
    }
}
