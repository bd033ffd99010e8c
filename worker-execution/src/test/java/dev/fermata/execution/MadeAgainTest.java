package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.testsupport.RealPostgres;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What CASCADE takes along cannot rest where it is: it is dropped, and made again on the way back. */
@Execution(ExecutionMode.CONCURRENT)
class MadeAgainTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static SqlParser parser;

    private SampleDatabase database;

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

    private static Plan plan(SampleDatabase on, String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(on.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }

    private void execute(String... sql) throws SQLException {
        database.database().execute(sql);
    }

    private String ask(String sql) throws SQLException {
        return database.database().ask(sql);
    }

    private static final String ORDERS = "CREATE TABLE orders (id integer PRIMARY KEY, total integer, note text);;"
            + "INSERT INTO orders SELECT n, n % 10, 'n' FROM generate_series(1, 100) AS n;;";

    /** Names are so that their order is not that of what needs what. */
    private static final String VIEWS = ORDERS + "CREATE VIEW z_base AS SELECT id, total FROM orders;;"
            + "CREATE VIEW m_middle AS SELECT id, total FROM z_base;;"
            + "CREATE VIEW a_top AS SELECT m.id, z.total FROM m_middle AS m JOIN z_base AS z USING (id);;"
            + "CREATE MATERIALIZED VIEW sums AS SELECT total, count(*) AS n FROM a_top GROUP BY total;;"
            + "CREATE UNIQUE INDEX sums_total ON sums (total);;"
            + "CREATE MATERIALIZED VIEW a_sums AS SELECT sum(n) AS n FROM sums;;"
            + "COMMENT ON MATERIALIZED VIEW sums IS 'how many';; COMMENT ON VIEW a_top IS 'of all';;"
            + "GRANT SELECT ON sums, a_top TO PUBLIC";

    private static final String FUNCTIONS = ORDERS + "CREATE VIEW totals AS SELECT id, total FROM orders;;CREATE"
            + " FUNCTION all_totals() RETURNS SETOF totals LANGUAGE sql STABLE"
            + " AS 'SELECT * FROM totals';;CREATE FUNCTION a_sum(t totals, more"
            + " totals[]) RETURNS integer LANGUAGE plpgsql AS 'begin return"
            + " t.total; end';;CREATE FUNCTION counted(at_least integer DEFAULT"
            + " 3) RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT"
            + " count(*) FROM totals WHERE total >= at_least; END;;CREATE"
            + " FUNCTION a_twice() RETURNS bigint LANGUAGE sql STABLE BEGIN"
            + " ATOMIC SELECT counted(5) * 2; END;;CREATE PROCEDURE"
            + " nothing_with(t totals) LANGUAGE plpgsql AS 'begin end';;CREATE"
            + " VIEW a_listing AS SELECT * FROM all_totals();;CREATE FUNCTION"
            + " listed() RETURNS SETOF a_listing LANGUAGE sql STABLE AS 'SELECT"
            + " * FROM a_listing';;CREATE FUNCTION apart() RETURNS integer"
            + " LANGUAGE sql IMMUTABLE AS 'SELECT 1';;COMMENT ON FUNCTION"
            + " all_totals() IS 'all of them';; COMMENT ON PROCEDURE"
            + " nothing_with(totals) IS 'none';;REVOKE EXECUTE ON FUNCTION"
            + " counted(integer), all_totals() FROM PUBLIC;;REVOKE EXECUTE ON"
            + " PROCEDURE nothing_with(totals) FROM PUBLIC;;GRANT EXECUTE ON"
            + " FUNCTION all_totals() TO pg_monitor WITH GRANT OPTION";

    static Stream<Arguments> changes() {
        return Stream.of(
                argumentSet("views on a view", VIEWS, "DROP VIEW z_base CASCADE"),
                argumentSet("views on a view on a table", VIEWS, "DROP TABLE orders CASCADE"),
                argumentSet("views on a view on a column", VIEWS, "ALTER TABLE orders DROP COLUMN total CASCADE"),
                argumentSet("a materialized view", VIEWS, "DROP MATERIALIZED VIEW sums CASCADE"),
                argumentSet("functions of a view", FUNCTIONS, "DROP VIEW totals CASCADE"),
                argumentSet(
                        "functions of a view that a block drops",
                        FUNCTIONS,
                        "DO $$ begin DROP VIEW totals CASCADE; end $$"),
                argumentSet("functions of a view on a table", FUNCTIONS, "DROP TABLE orders CASCADE"),
                argumentSet(
                        "functions of a view on a column", FUNCTIONS, "ALTER TABLE orders DROP COLUMN total CASCADE"),
                argumentSet(
                        "functions of a view among those that rest",
                        FUNCTIONS,
                        "DROP FUNCTION all_totals(), apart() CASCADE"),
                argumentSet(
                        "what uses functions of a view",
                        FUNCTIONS + ";; CREATE FUNCTION of_none(t totals[]) RETURNS integer LANGUAGE sql IMMUTABLE AS"
                                + " 'SELECT 1';; CREATE INDEX odd ON orders ((of_none(NULL) + id));;"
                                + "ALTER TABLE orders ADD COLUMN other integer DEFAULT of_none(NULL)",
                        "DROP VIEW totals CASCADE"),
                argumentSet(
                        "a default that calls a function",
                        FUNCTIONS + ";; ALTER TABLE orders ADD COLUMN other integer DEFAULT apart()",
                        "DROP FUNCTION apart() CASCADE"),
                argumentSet(
                        "what stays in a schema that rests needs a view outside",
                        ORDERS + "CREATE SCHEMA extra;; CREATE TABLE extra.kept (id integer);;"
                                + "CREATE VIEW extra.ids AS SELECT id FROM extra.kept;;"
                                + "CREATE VIEW middle AS SELECT id FROM extra.ids;;"
                                + "CREATE VIEW extra.top AS SELECT id FROM middle;;"
                                + "CREATE FUNCTION extra.all_of() RETURNS SETOF middle LANGUAGE sql AS 'SELECT * FROM"
                                + " middle';; COMMENT ON VIEW extra.top IS 'out'",
                        "DROP SCHEMA extra CASCADE"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void isThereAgainInTheOrderInWhichItIsNeeded(String given, String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.createEmpty()) {
            execute(given.split(";;"));
            asWritten.database().execute(given.split(";;"));
            asWritten.runAsWritten(change);
            List<String> start = database.looks();
            Plan plan = plan(database, change);
            assertThat(plan.digest()).isEqualTo(plan(database, change).digest());
            for (int i = 0; i < 2; i++) {
                database.run(plan, Direction.FORWARD);
                assertThat(differences(asWritten.looks(), database.looks()))
                        .as("online against as written")
                        .isEmpty();
                database.run(plan, Direction.BACK);
                assertThat(differences(start, database.looks()))
                        .as("back to the start")
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE orders CASCADE",
                "ALTER TABLE orders DROP COLUMN total CASCADE",
                "DROP VIEW z_base CASCADE",
                "DROP MATERIALIZED VIEW sums CASCADE"
            })
    void rowsOfAMaterializedViewAreReadWithoutTheLocksOfOthers(String change) throws Exception {
        execute(VIEWS.split(";;"));
        execute("CREATE MATERIALIZED VIEW never AS SELECT count(*) FROM sums WITH NO DATA");
        List<String> start = database.looks();
        Plan plan = plan(database, change);
        List<List<String>> units = plan.steps().stream()
                .flatMap(step -> Objects.requireNonNull(step.inverse()).units().stream())
                .map(Unit::sql)
                .toList();
        assertThat(units.subList(units.size() - 2, units.size()))
                .containsExactly(
                        List.of("REFRESH MATERIALIZED VIEW public.sums"),
                        List.of("REFRESH MATERIALIZED VIEW public.a_sums"));
        assertThat(units).allSatisfy(unit -> assertThat(unit)
                .filteredOn(sql -> sql.startsWith("CREATE MATERIALIZED VIEW"))
                .allMatch(sql -> sql.endsWith(" WITH NO DATA")));
        database.run(plan, Direction.FORWARD);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
        assertThat(ask("SELECT string_agg(total || ': ' || n, ', ' ORDER BY total) FROM sums"))
                .isEqualTo("0: 10, 1: 10, 2: 10, 3: 10, 4: 10, 5: 10, 6: 10, 7: 10, 8: 10, 9: 10");
        assertThat(ask("SELECT n FROM a_sums")).isEqualTo("100");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders DROP COLUMN id CASCADE",
                "ALTER TABLE orders DROP CONSTRAINT orders_pkey CASCADE"
            })
    void aViewThatIsGroupedByAKeyIsMadeAfterTheKey(String change) throws Exception {
        execute(ORDERS.split(";;"));
        execute(
                "CREATE VIEW grouped AS SELECT id, note FROM orders GROUP BY id",
                "CREATE MATERIALIZED VIEW a_grouped AS SELECT note FROM grouped",
                "COMMENT ON VIEW grouped IS 'by its key'",
                "COMMENT ON CONSTRAINT orders_pkey ON orders IS 'key'");
        List<String> start = database.looks();
        Plan plan = plan(database, change);
        database.run(plan, Direction.FORWARD);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CREATE TABLE kept (was totals, id integer)", "CREATE DOMAIN whole AS totals"})
    void whatHasValuesOfTheRowTypeOfAViewIsNotLostSilently(String given) throws Exception {
        execute((FUNCTIONS + ";;" + given).split(";;"));
        assertThatThrownBy(() -> plan(database, "DROP VIEW totals CASCADE"))
                .isInstanceOf(PlanRefusedException.class)
                .hasMessageContaining("no rollback");
    }

    @Test
    void itBelongsToWhomItBelonged() throws Exception {
        String other = database.database().newUser();
        String owner = database.database().user();
        RealPostgres.shared().execute("GRANT " + other + " TO " + owner + " WITH INHERIT TRUE, SET TRUE");
        execute((FUNCTIONS + ";; CREATE MATERIALIZED VIEW listing AS SELECT * FROM totals").split(";;"));
        execute(
                "GRANT USAGE, CREATE ON SCHEMA public TO " + other,
                "GRANT SELECT ON totals TO " + other,
                "ALTER FUNCTION counted(integer) OWNER TO " + other,
                "ALTER PROCEDURE nothing_with(totals) OWNER TO " + other,
                "ALTER MATERIALIZED VIEW listing OWNER TO " + other,
                "REVOKE EXECUTE ON PROCEDURE nothing_with(totals) FROM " + other);
        List<String> start = database.looks();
        Plan plan = plan(database, "DROP TABLE orders CASCADE");
        database.run(plan, Direction.FORWARD);
        database.run(plan, Direction.BACK);
        assertThat(differences(start, database.looks())).isEmpty();
        assertThat(ask("SELECT count(*) FROM listing")).isEqualTo("100");
        assertThat(ask("SELECT proowner::regrole FROM pg_proc WHERE proname = 'counted'"))
                .isEqualTo(other);
    }
}
