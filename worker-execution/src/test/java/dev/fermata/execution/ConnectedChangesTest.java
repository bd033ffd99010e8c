package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statements whose ways back meet what another one has brought to rest. */
@Execution(ExecutionMode.CONCURRENT)
class ConnectedChangesTest {
    private static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final String SCHEMA = """
        CREATE DOMAIN grade AS integer DEFAULT 3 CHECK (VALUE BETWEEN 1 AND 6);;
        CREATE COLLATION german (provider = icu, locale = 'de-DE');;
        CREATE TABLE people (id integer PRIMARY KEY, grade grade, name text COLLATE german);;
        INSERT INTO people SELECT n, 1 + n % 6, 'p' || n FROM generate_series(1, 30) AS n;;
        CREATE TABLE events (id integer, day date, what text) PARTITION BY RANGE (day);;
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');;
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');;
        INSERT INTO events SELECT n, date '2026-01-01' + n, 'e' || n FROM generate_series(1, 300) AS n;;
        CREATE TABLE animals (id integer, name text);;
        CREATE TABLE birds (wings integer) INHERITS (animals)\
        """;

    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(2);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static Plan plan(SampleDatabase database, String change, int revision) throws Exception {
        return plan(database, revision, WorkOrder.of("n", "ada", List.of("shop"), change, null));
    }

    private static Plan plan(SampleDatabase database, int revision, WorkOrder order) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, revision, order)
                .plan();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE events DETACH PARTITION events_1; ALTER TABLE events ADD COLUMN x integer DEFAULT 5",
                "ALTER TABLE events DETACH PARTITION events_1; ALTER TABLE events_1 ADD COLUMN x integer DEFAULT 5",
                "ALTER TABLE events DETACH PARTITION events_1; ALTER TABLE events_1 ADD COLUMN x integer; ALTER TABLE"
                        + " events ADD COLUMN y text",
                "DROP TABLE events_1; ALTER TABLE events ADD COLUMN x integer DEFAULT 5",
                "ALTER TABLE birds NO INHERIT animals; ALTER TABLE animals ADD COLUMN x integer DEFAULT 5",
                "DROP TABLE birds; ALTER TABLE animals ADD COLUMN x integer DEFAULT 5",
                "DROP TABLE events_1; ALTER TABLE events ADD COLUMN x text COLLATE german NOT NULL DEFAULT 'y'",
                "DROP TABLE events_1; ALTER TABLE events ADD COLUMN x boolean NOT NULL DEFAULT true; ALTER TABLE events"
                        + " DROP COLUMN x",
                "DROP TABLE events_1; ALTER TABLE events ADD COLUMN x integer GENERATED ALWAYS AS (id * 2) STORED",
                "DROP TABLE people; DROP DOMAIN grade CASCADE",
                "DROP TABLE people; DROP DOMAIN grade",
                "ALTER TABLE people DROP COLUMN grade; DROP DOMAIN grade CASCADE",
            })
    void theWayBackOfOneIsNotStoppedByWhatRestsOfTheOther(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.runAsWritten(SCHEMA);
            List<String> start = database.looks();
            Plan plan = plan(database, change, 1);
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void aDefaultThatGoesWithItsFunctionIsTakenAlongAndComesBack() throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.runAsWritten(SCHEMA);
            database.database()
                    .execute(
                            "CREATE FUNCTION apart() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 7'",
                            "ALTER TABLE people ADD COLUMN other integer DEFAULT apart()");
            List<String> start = database.looks();
            Plan plan = plan(database, "DROP FUNCTION apart() CASCADE", 1);
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void whatALaterOrderDropsWithCascadeDoesNotTakeAlongWhatRestsOfAnEarlierOne() throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.runAsWritten(SCHEMA);
            List<String> start = database.looks();
            Plan first = plan(database, "DROP TABLE people", 1);
            database.run(first, Direction.FORWARD);
            Plan second = plan(database, "DROP DOMAIN grade CASCADE", 2);
            database.run(second, Direction.FORWARD);
            Plan third = plan(
                    database,
                    3,
                    WorkOrder.of("n", "ada", List.of("shop"), "DROP COLLATION german CASCADE", "SELECT 1"));
            assertThat(third.steps().getFirst().sql()).containsExactly("DROP COLLATION german");
            database.run(second, Direction.BACK);
            database.run(first, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }
}
