package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.RowsLeft;
import dev.fermata.execution.verify.AtticInventory;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of rows, and what a rollback makes of rows that the application has written since. */
@Execution(ExecutionMode.CONCURRENT)
class DataChangesTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
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

    static Stream<Arguments> changesOfManyRows() {
        return Stream.of(
                argumentSet("rows that refer to each other", """
                    CREATE TABLE tree (id integer PRIMARY KEY, parent integer REFERENCES tree (id), old boolean);;
                    INSERT INTO tree SELECT n, nullif(n, 6000) + 1, true FROM generate_series(1, 6000) AS n
                      ORDER BY n DESC\
                    """, "DELETE FROM tree WHERE old"),
                argumentSet(
                        "values that are unique at the end alone", """
                        CREATE TABLE list (id integer PRIMARY KEY, position integer, UNIQUE (position) DEFERRABLE);;
                        INSERT INTO list SELECT n, n FROM generate_series(1, 6000) AS n\
                        """, "UPDATE list SET position" + " = position + 1"),
                argumentSet(
                        "a view of a view of its table",
                        """
                        CREATE TABLE list (id integer PRIMARY KEY, position integer);;
                        INSERT INTO list SELECT n, n FROM generate_series(1, 6000) AS n;;
                        CREATE VIEW places AS SELECT position FROM list;;
                        CREATE VIEW last AS SELECT max(position) AS position FROM places\
                        """,
                        "UPDATE list SET position = (SELECT position FROM last) + 1 WHERE id > 3"),
                argumentSet(
                        "types without an equality",
                        """
                        CREATE TABLE docs (id integer PRIMARY KEY, doc json, at point, x xml, list integer[]);;
                        INSERT INTO docs SELECT n, '{"a": 1}', '(1,1)', '<a/>', '{1,2}'
                          FROM generate_series(1, 100) AS n\
                        """,
                        "UPDATE docs SET doc = '{}', at = '(2,3)', x = '<b/>', list[1] = 5, list[2] = 7"));
    }

    @ParameterizedTest
    @MethodSource("changesOfManyRows")
    void changesRowsAsTheStatementDoesAndBack(String schema, String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.create();
                SampleDatabase online = SampleDatabase.create()) {
            asWritten.database().execute(schema.split(";;\n"));
            online.database().execute(schema.split(";;\n"));
            List<String> start = online.looks();
            Plan plan = plan(online, change);
            asWritten.runAsWritten(change);
            online.run(plan, Direction.FORWARD);
            assertThat(differences(asWritten.looks(), online.looks())).isEmpty();
            online.run(plan, Direction.BACK);
            assertThat(differences(start, online.looks())).isEmpty();
        }
    }

    @Test
    void whatIsUniqueRowByRowIsChangedInBatches() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, "UPDATE customers SET email = upper(email)");
            assertThat(plan.steps().getFirst().kind()).isEqualTo(StepKind.BATCHES);
        }
    }

    @Test
    void aValueThatTheApplicationWroteStaysAndTheOthersOfItsRowGoBack() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            Plan plan = plan(database, "UPDATE orders SET status = 'done', note = 'gone' WHERE id <= 10");
            database.run(plan, Direction.FORWARD);
            database.database().execute("UPDATE orders SET status = 'sent' WHERE id = 3");
            database.run(plan, Direction.BACK);
            assertThat(database.database()
                            .askAll("SELECT status || ' ' || note FROM orders WHERE id IN (2, 3, 4) ORDER BY id"))
                    .containsExactly("new n", "sent n", "new n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UPDATE large SET note = 'the same' | 1 | 2",
                "DELETE FROM large WHERE id > 10 | 1 | 2",
                "CREATE INDEX large_upper ON large (upper(note)) | 1 | 1",
                "CREATE INDEX large_note ON large (note) | 0 | 0",
                "DROP INDEX large_lower | 0 | 1"
            })
    void whatTheServerKnowsOfALargeTableIsNewAfterTheChangeAndAfterItsWayBack(String change, int forth, int back)
            throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.database()
                    .execute(
                            "CREATE TABLE large (id integer PRIMARY KEY, note text) WITH (autovacuum_enabled = off)",
                            "INSERT INTO large SELECT n, repeat(md5(n::text), 6) FROM generate_series(1, 50000) AS n",
                            "CREATE INDEX large_lower ON large (lower(note))",
                            "CREATE TABLE small (id integer PRIMARY KEY, note text)",
                            "CREATE INDEX small_lower ON small (lower(note))");
            assertThat(plan(database, change.replace("large", "small")).steps()).hasSize(1);
            Plan plan = plan(database, change);
            database.run(plan, Direction.FORWARD);
            assertThat(analyzed(database)).isEqualTo(forth);
            database.run(plan, Direction.BACK);
            assertThat(analyzed(database)).isEqualTo(back);
        }
    }

    @Test
    void aVacuumThatIsAtWorkOnTheTableIsNotWaitedForOnlyToHaveItAnalyzed() throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty();
                Connection vacuum = database.database().connect();
                Statement lock = vacuum.createStatement()) {
            database.database()
                    .execute(
                            "CREATE TABLE large (id integer PRIMARY KEY, note text) WITH (autovacuum_enabled = off)",
                            "INSERT INTO large SELECT n, repeat(md5(n::text), 6) FROM generate_series(1, 50000) AS n");
            Plan plan = plan(database, "UPDATE large SET note = 'the same' WHERE id < 100");
            vacuum.setAutoCommit(false);
            lock.execute("LOCK TABLE large IN SHARE UPDATE EXCLUSIVE MODE"); // as VACUUM does
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(analyzed(database)).isZero();
        }
    }

    private static int analyzed(SampleDatabase database) throws SQLException {
        return Integer.parseInt(database.database().ask("SELECT pg_stat_get_analyze_count('large'::regclass)::text"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM kept WHERE id > 3",
                "UPDATE kept SET note = 'x'",
                "INSERT INTO kept (id) VALUES (100)"
            })
    void whatARuleMakesOfAStatementIsNotCalledKept(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.database()
                    .execute(
                            "CREATE TABLE kept (id integer PRIMARY KEY, note text)",
                            "INSERT INTO kept SELECT n FROM generate_series(1, 9) AS n");
            plan(database, change);
            String event = change.substring(0, 6);
            database.database().execute("CREATE RULE r AS ON " + event + " TO kept DO INSTEAD NOTHING");
            assertThatThrownBy(() -> plan(database, change))
                    .isInstanceOf(PlanRefusedException.class)
                    .hasMessageContaining("rule r makes something else of it");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE kept ADD COLUMN token uuid DEFAULT gen_random_uuid()",
                "ALTER TABLE kept ALTER COLUMN note TYPE integer USING length(note)",
                "ALTER TABLE kept RENAME COLUMN note TO remark"
            })
    void whereARuleMakesSomethingElseOfAnUpdateNoColumnIsFilledByOne(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.database()
                    .execute(
                            "CREATE TABLE kept (id integer PRIMARY KEY, note text)",
                            "INSERT INTO kept SELECT n, 'x' FROM generate_series(1, 9) AS n");
            assertThat(plan(database, change).steps()).hasSizeGreaterThan(1);
            database.database().execute("CREATE RULE r AS ON UPDATE TO kept DO INSTEAD NOTHING");
            List<String> start = database.looks();
            Plan plan = new Drafting(new Planner(parser))
                    .draft(database.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, "SELECT 1"))
                    .plan();
            assertThat(plan.steps()).hasSize(1);
            database.run(plan, Direction.FORWARD);
            assertThat(database.looks()).isNotEqualTo(start);
        }
    }

    @Test
    void aDeletedRowWhosePlaceIsTakenStaysInTheAtticAndIsTold() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database().execute("CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE)");
            database.database().execute("INSERT INTO users SELECT n, 'u' || n FROM generate_series(1, 20) AS n");
            Plan plan = plan(database, "DELETE FROM users WHERE id > 5");
            database.run(plan, Direction.FORWARD);
            database.database().execute("INSERT INTO users VALUES (100, 'u7'), (9, 'another')");
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT count(*) FROM users WHERE id <= 20 AND email = 'u' || id"))
                    .isEqualTo("18");
            List<String> left = left(database, plan);
            assertThat(left)
                    .singleElement()
                    .asString()
                    .startsWith("rows that were deleted from public.users and did not go back, as others stand in"
                            + " their place or what they refer to is gone: 2 in fermata_attic.left_");
            String table = left.getFirst().replaceAll(".* in ", "");
            assertThat(database.database().askAll("SELECT email FROM " + table + " ORDER BY id"))
                    .containsExactly("u7", "u9");
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT count(*) FROM users")).isEqualTo("20");
        }
    }

    @Test
    void aRowWhoseOldValueOthersHaveTakenStaysAsItIsAndTheOthersGoBack() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database().execute("CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE)");
            database.database().execute("INSERT INTO users SELECT n, 'U' || n FROM generate_series(1, 2000) AS n");
            Plan plan = plan(database, "UPDATE users SET email = lower(email)");
            database.run(plan, Direction.FORWARD);
            database.database().execute("INSERT INTO users VALUES (9000, 'U7')");
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT count(*) FROM users WHERE email = 'U' || id"))
                    .isEqualTo("1999");
            assertThat(database.database().ask("SELECT email FROM users WHERE id = 7"))
                    .isEqualTo("u7");
            List<String> left = left(database, plan);
            assertThat(left)
                    .singleElement()
                    .asString()
                    .startsWith("what was in rows of public.users and did not go back")
                    .contains(": 1 in fermata_attic.left_");
            String table = left.getFirst().replaceAll(".* in ", "");
            assertThat(database.database().ask("SELECT before_email FROM " + table))
                    .isEqualTo("U7");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE FROM child WHERE id > 5", "UPDATE child SET parent = 2"})
    void aRowThatRefersToWhatIsGoneByThenDoesNotKeepTheOthersFromGoingBack(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE parent (id integer PRIMARY KEY)",
                            "INSERT INTO parent SELECT n FROM generate_series(1, 20) AS n",
                            "CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent DEFERRABLE"
                                    + " INITIALLY DEFERRED)",
                            "INSERT INTO child SELECT n, n FROM generate_series(1, 20) AS n WHERE n <> 12");
            Plan plan = plan(database, change);
            database.run(plan, Direction.FORWARD);
            database.database().execute("DELETE FROM child WHERE id = 4", "DELETE FROM parent WHERE id IN (4, 7, 12)");
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT count(*) FROM child WHERE parent = id"))
                    .isEqualTo("17"); // of 19 one was deleted meanwhile, and another refers to what is gone
            assertThat(left(database, plan)).singleElement().asString().contains(": 1 in fermata_attic.left_");
        }
    }

    @Test
    void deletedRowsOfATableWithAKeyThatMayWaitComeBack() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE list (id integer PRIMARY KEY, pos integer, UNIQUE (pos) DEFERRABLE)",
                            "INSERT INTO list SELECT n, n FROM generate_series(1, 20) AS n");
            Plan plan = plan(database, "DELETE FROM list WHERE id > 5");
            database.run(plan, Direction.FORWARD);
            database.database().execute("INSERT INTO list VALUES (9, 100), (200, 12)");
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT count(*) FROM list WHERE id = pos"))
                    .isEqualTo("18");
            assertThat(left(database, plan)).singleElement().asString().contains(": 2 in fermata_attic.left_");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE archive AS WITH gone AS (DELETE FROM items RETURNING *) SELECT * FROM gone",
                "CREATE TABLE archive (LIKE items); WITH gone AS (DELETE FROM items RETURNING *) INSERT INTO archive"
                        + " SELECT * FROM gone",
                "CREATE TABLE archive (id integer); WITH gone AS (DELETE FROM items RETURNING 1) UPDATE archive SET id"
                        + " = 1",
                "WITH gone AS (DELETE FROM items RETURNING 1) INSERT INTO customers (id, email) VALUES (1000, 'new')"
            })
    void rowsThatGoWithinWithAreNotCalledKept(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            assertThatThrownBy(() -> plan(database, change))
                    .isInstanceOf(PlanRefusedException.class)
                    .hasMessageContaining("changes rows within WITH");
            Plan plan = new Drafting(new Planner(parser))
                    .draft(
                            database.target(),
                            RUN,
                            1,
                            WorkOrder.of("n", "ada", List.of("shop"), change, "DROP TABLE IF EXISTS archive"))
                    .plan();
            database.run(plan, Direction.FORWARD);
            assertThat(database.database().ask("SELECT count(*) FROM items")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE customers SET name = 'x'",
                "DELETE FROM items",
                "INSERT INTO customers (id, email) VALUES (1000, 'new')"
            })
    void whatTheWayBackOfRowsNeedsIsSeenToBeGoneWhenItIsPurged(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.run(plan(database, change), Direction.FORWARD);
            try (Connection connection = database.database().connect()) {
                AtticInventory then = AtticInventory.read(connection, Planner.runKey(RUN, 1));
                String table = then.objects().iterator().next();
                database.database().execute("DROP " + table);
                assertThat(then.missingFrom(AtticInventory.read(connection, Planner.runKey(RUN, 1))))
                        .containsExactly(table);
            }
        }
    }

    @Test
    void rowsThatReferToInsertedOnesAreSpokenOfAsTheWayBackTakesThemAlongOrStopsAtThem() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE kinds (id integer PRIMARY KEY)",
                            "CREATE TABLE sorts (id integer PRIMARY KEY REFERENCES kinds ON DELETE CASCADE)",
                            "CREATE TABLE tastes (sort integer REFERENCES sorts ON DELETE SET NULL)",
                            "CREATE TABLE smells (sort integer REFERENCES sorts)");
            Plan plan = plan(database, "INSERT INTO kinds VALUES (1)");
            assertThat(plan.redFlags()).singleElement().satisfies(flag -> {
                assertThat(flag.code()).isEqualTo("rollback-loses-new-data");
                assertThat(flag.message())
                        .endsWith("rows of public.sorts that refer to them by then go along;"
                                + " rows of public.tastes that refer to them by then lose what they refer by;"
                                + " rows of public.smells that refer to them by then stop the rollback");
            });
            database.run(plan, Direction.FORWARD);
            database.database().execute("INSERT INTO sorts VALUES (1)", "INSERT INTO tastes VALUES (1)");
            database.run(plan, Direction.BACK);
            assertThat(database.database().ask("SELECT (SELECT count(*) FROM sorts) || ' ' || count(*) FROM tastes"))
                    .isEqualTo("0 1");
        }
    }

    private static List<String> left(SampleDatabase database, Plan plan) throws SQLException {
        try (Connection connection = database.database().connect()) {
            return RowsLeft.of(connection, plan);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"events", "above"})
    void rowsOfPartitionsAndHeirsWithoutAKeyGetTheirValues(String table) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE above (id integer PRIMARY KEY)",
                            "CREATE TABLE below () INHERITS (above)",
                            "INSERT INTO below SELECT n FROM generate_series(1, 2000) AS n");
            Plan plan = plan(database, "ALTER TABLE " + table + " ADD COLUMN token uuid DEFAULT gen_random_uuid()");
            database.run(plan, Direction.FORWARD);
            assertThat(database.database().ask("SELECT count(*) || ' ' || count(token) FROM " + table))
                    .isIn("300 300", "2000 2000");
        }
    }

    @Test
    void rowsOfHeirsAreNotTakenForThoseOfTheTableByItsKey() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE TABLE above (id integer PRIMARY KEY, a text)",
                            "CREATE TABLE below () INHERITS (above)");
            assertThatThrownBy(() -> plan(database, "UPDATE above SET a = 'x'"))
                    .isInstanceOf(PlanRefusedException.class)
                    .hasMessageContaining("no primary key of all its heirs");
        }
    }
}
