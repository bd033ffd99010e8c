package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Plain SQL in, online plan out: the same end as the SQL as it is written, and back to the very beginning. */
@Execution(ExecutionMode.CONCURRENT)
class OnlinePlanTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final List<String> START = new ArrayList<>();
    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static Plan plan(SampleDatabase database, String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }

    /** All begin alike, so one is looked at. */
    private static List<String> start(SampleDatabase database) throws SQLException {
        synchronized (START) {
            if (START.isEmpty()) {
                START.addAll(database.looks());
            }
            return List.copyOf(START);
        }
    }

    static Stream<String> changes() {
        return Stream.of(SampleChanges.ALL.split("\n\n")).map(String::strip).filter(sql -> !sql.isEmpty());
    }

    @ParameterizedTest
    @MethodSource("changes")
    void endsLikeTheSqlAsItIsWrittenAndGoesBackToTheBeginning(String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.create();
                SampleDatabase online = SampleDatabase.create()) {
            List<String> start = start(online);
            Plan plan = plan(online, change);
            isOnlineOrSaysWhyNot(plan);
            asWritten.runAsWritten(change);
            online.run(plan, Direction.FORWARD);
            assertThat(differences(asWritten.looks(), online.looks()))
                    .as("online against as written")
                    .isEmpty();
            online.run(plan, Direction.BACK);
            assertThat(differences(start, online.looks()))
                    .as("back to the start")
                    .isEmpty();
            assertThat(online.leftInvalid()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders ALTER COLUMN price TYPE numeric(12, 3)",
                "ALTER TABLE orders ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()",
                "ALTER TABLE orders DROP COLUMN note",
                "ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code)"
            })
    void theApplicationCanWriteBetweenAnyTwoStepsAndFindsItsRowsAfterTheRollback(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, change);
            AtomicInteger written = new AtomicInteger();
            Runnable application = () -> {
                try {
                    database.database()
                            .execute("INSERT INTO orders (customer, code) VALUES (1, 'new " + written.incrementAndGet()
                                    + "')");
                } catch (SQLException e) {
                    throw new IllegalStateException("the application cannot write", e);
                }
            };
            database.run(plan, Direction.FORWARD, application);
            database.run(plan, Direction.BACK, application);
            assertThat(database.database().ask("SELECT count(*) FROM orders WHERE code LIKE 'new %'"))
                    .isEqualTo(String.valueOf(written.get()));
            assertThat(written.get()).isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void aValueOfAnEnumThatStaysAfterARollbackDoesNotStopTheNextTime() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, "ALTER TYPE mood ADD VALUE 'so-so' BEFORE 'sad'");
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            database.run(plan, Direction.FORWARD);
            assertThat(database.database().ask("SELECT enum_range(NULL::mood)")).isEqualTo("{happy,so-so,sad}");
        }
    }

    @Test
    void anExtensionStaysWhileTheAtticNeedsItAndDoesNotStopTheNextTime() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            List<String> start = database.looks();
            Plan plan = plan(database, "CREATE EXTENSION citext; ALTER TABLE orders ADD COLUMN handle citext");
            assertThat(plan.leaves()).containsExactly("extension citext", "comment on extension citext");
            database.run(plan, Direction.FORWARD);
            database.database().execute("UPDATE orders SET handle = 'Ada' WHERE id = 1");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks()))
                    .hasSize(2)
                    .allMatch(line -> line.contains("extension citext"));
            database.run(plan, Direction.FORWARD);
            assertThat(database.database().ask("SELECT count(handle) FROM orders"))
                    .isEqualTo("0");
        }
    }

    @Test
    void aViewThatComesBackHasItsGrants() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "GRANT SELECT (total), UPDATE (id) ON cheap TO pg_monitor",
                            "GRANT DELETE ON cheap TO pg_monitor");
            Plan plan = plan(database, "DROP VIEW cheap CASCADE");
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(database.database()
                            .ask("SELECT has_column_privilege('pg_monitor', 'cheap', 'total', 'SELECT') AND"
                                    + " has_column_privilege('pg_monitor', 'cheap', 'id', 'UPDATE') AND"
                                    + " has_table_privilege('pg_monitor', 'cheap', 'DELETE')"))
                    .isEqualTo("t");
        }
    }

    @Test
    void aNameMeansWhatTheSettingsOfTheDatabaseSay() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE public.things (id integer, name text)",
                            "INSERT INTO public.things VALUES (1, 'another')",
                            "ALTER DATABASE " + database.database().name() + " SET search_path = extra, public");
            List<String> start = database.looks();
            Plan plan = plan(
                    database,
                    "ALTER TABLE things ALTER COLUMN name SET NOT NULL; UPDATE things SET name = 'new' WHERE id < 4");
            database.run(plan, Direction.FORWARD);
            assertThat(database.database()
                            .ask("SELECT (SELECT count(*) FROM extra.things WHERE name = 'new') || ' ' || (SELECT"
                                    + " count(*) FROM public.things WHERE name = 'new')"))
                    .isEqualTo("3 0");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void whatOthersDoToAFunctionThatThePlanReplacesIsSeen() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            String change =
                    "CREATE OR REPLACE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT a + a'";
            Plan before = plan(database, change);
            assertThat(before.objects()).containsExactly("function public.twice(integer)");
            database.database()
                    .execute("CREATE OR REPLACE FUNCTION twice(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 2'");
            assertThat(plan(database, change).catalogFingerprint()).isNotEqualTo(before.catalogFingerprint());
        }
    }

    @Test
    void aConstraintOfADomainIsNotCalledOnlineAsItsTablesAreLocked() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, "ALTER DOMAIN amount ADD CONSTRAINT small CHECK (VALUE < 1000)");
            assertThat(plan.steps()).extracting(Step::online).containsExactly(true, false);
        }
    }

    /** The server holds the domain against every row, and writes the table anew for it: even where there is no value. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "email DEFAULT 'x@y'",
                "email",
                "mailbox DEFAULT 'x@y' NOT NULL",
                "email DEFAULT 'x' || now() || '@' || random()"
            })
    void aColumnOfADomainWithConstraintsIsNotSaidToTakeNoTime(String column) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE DOMAIN email AS text CHECK (VALUE ~ '@')",
                            "CREATE DOMAIN extra.inner_email AS email",
                            "CREATE DOMAIN mailbox AS extra.inner_email");
            List<String> start = database.looks();
            Plan plan = plan(database, "ALTER TABLE orders ADD COLUMN mail_at_random " + column);
            assertThat(plan.steps()).extracting(Step::online).containsExactly(false);
            String file = database.database().ask("SELECT pg_relation_filenode('orders')");
            database.run(plan, Direction.FORWARD);
            assertThat(database.database().ask("SELECT pg_relation_filenode('orders')"))
                    .isNotEqualTo(file);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM ('2028-01-01') TO ('2029-01-01')"
                        + "|INSERT INTO events VALUES (1, '2028-05-01', 'late')"
                        + "|partition public.events_3 after the change are not in public.events any more; they stay in"
                        + " fermata_attic.",
                "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')"
                        + "|INSERT INTO events VALUES (1, '2027-05-01', 'late')"
                        + "|partition public.events_2 after the change are not in public.events any more; they stay in"
                        + " public.events_2",
                "CREATE TABLE more_logs () INHERITS (logs)|INSERT INTO more_logs (line) VALUES ('late')"
                        + "|public.more_logs after the change are not in public.logs any more"
            })
    void rowsThatGoWithANewPartitionAreSpokenOf(String change, String written, String flag) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, change);
            assertThat(plan.redFlags())
                    .filteredOn(each -> each.code().equals("rollback-loses-new-data"))
                    .singleElement()
                    .satisfies(each -> assertThat(each.message()).contains(flag));
            database.run(plan, Direction.FORWARD);
            database.database().execute(written);
            database.run(plan, Direction.BACK);
            String table = change.contains("logs") ? "logs WHERE line = 'late'" : "events WHERE what = 'late'";
            assertThat(database.database().ask("SELECT count(*) FROM " + table)).isEqualTo("0");
        }
    }

    @Test
    void aPartitionOfATableThatIsNewItselfLeavesNobody() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            assertThat(plan(database, """
                CREATE TABLE visits (id integer) PARTITION BY LIST (id);
                CREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1)\
                """).redFlags()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE orders ALTER CONSTRAINT plain_fk DEFERRABLE",
                "ALTER TABLE orders ALTER CONSTRAINT plain_fk DEFERRABLE INITIALLY DEFERRED",
                "ALTER TABLE orders ALTER CONSTRAINT late_fk DEFERRABLE INITIALLY IMMEDIATE",
                "ALTER TABLE orders ALTER CONSTRAINT late_fk NOT DEFERRABLE",
                "ALTER TABLE events ALTER CONSTRAINT by_fk DEFERRABLE"
            })
    void aForeignKeyIsHeldToAtItsOldTimeAgainWithoutBeingMadeAnew(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "ALTER TABLE orders ADD CONSTRAINT plain_fk FOREIGN KEY (buyer) REFERENCES customers (id),"
                                    + " ADD CONSTRAINT late_fk FOREIGN KEY (buyer) REFERENCES customers (id) DEFERRABLE"
                                    + " INITIALLY DEFERRED",
                            "ALTER TABLE events ADD COLUMN by integer",
                            "ALTER TABLE events ADD CONSTRAINT by_fk FOREIGN KEY (by) REFERENCES customers (id)");
            List<String> start = database.looks();
            Plan plan = plan(database, change);
            assertThat(plan.steps().getFirst().inverse())
                    .isNotNull()
                    .satisfies(inverse ->
                            assertThat(inverse.sql()).singleElement().asString().contains(" ALTER CONSTRAINT "));
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void theSameInputGivesTheSameDigest() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            String change = "ALTER TABLE orders ALTER COLUMN price TYPE numeric(12, 3), ADD COLUMN x int UNIQUE";
            assertThat(plan(database, change).digest())
                    .isEqualTo(plan(database, change).digest());
        }
    }

    /** Nothing that reads or writes a large table as a whole runs under a strong lock, unless the step says why. */
    private static void isOnlineOrSaysWhyNot(Plan plan) {
        assertThat(plan.steps())
                .allMatch(step -> step.online()
                        || step.reason().contains("there is no way")
                        || step.reason().contains("in one transaction"));
    }
}
