package dev.fermata.execution;

import static dev.fermata.execution.SampleDatabase.differences;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.verify.AtticInventory;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
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

/** Things of several schemas rest in one: those that are called alike have different names there. */
@Execution(ExecutionMode.CONCURRENT)
class AtticNamesTest {
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

    private static final String TWO = "CREATE SCHEMA a;; CREATE SCHEMA b;;"
            + "CREATE TABLE a.orders (id serial PRIMARY KEY, n integer UNIQUE);; CREATE INDEX by_n ON a.orders (n);;"
            + "CREATE TABLE b.orders (id serial PRIMARY KEY, n integer UNIQUE);; CREATE INDEX by_n ON b.orders (n);;"
            + "CREATE STATISTICS a.both ON id, n FROM a.orders;; CREATE STATISTICS b.both ON id, n FROM b.orders;;"
            + "INSERT INTO a.orders (n) SELECT generate_series(1, 10);;"
            + "INSERT INTO b.orders (n) SELECT generate_series(11, 30);;"
            + "CREATE TABLE a_orders (id integer);; CREATE TABLE a.names (id integer);;"
            + "CREATE TABLE b.lines (id integer);; CREATE INDEX names ON b.lines (id);;"
            + "CREATE TYPE a.mood AS ENUM ('happy');; CREATE TYPE b.mood AS ENUM ('sad');; CREATE DOMAIN mood AS text;;"
            + "CREATE FUNCTION a.f(x integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';;"
            + "CREATE FUNCTION b.f(x integer) RETURNS integer LANGUAGE sql AS 'SELECT 2';;"
            + "CREATE FUNCTION b.f(x text) RETURNS integer LANGUAGE sql AS 'SELECT 3';;"
            + "CREATE SEQUENCE a.numbers;; CREATE SEQUENCE b.numbers";

    static Stream<Arguments> changes() {
        return Stream.of(
                argumentSet("tables, indexes and statistics", TWO, "DROP TABLE a.orders, b.orders"),
                argumentSet(
                        "a table that is called like another with its schema",
                        TWO,
                        "DROP TABLE a.orders, b.orders, a_orders"),
                argumentSet("a table and an index", TWO, "DROP TABLE a.names, b.lines"),
                argumentSet("types", TWO, "DROP TYPE a.mood, b.mood"),
                argumentSet("functions", TWO, "DROP FUNCTION a.f(integer), b.f(integer), b.f(text)"),
                argumentSet("sequences", TWO, "DROP SEQUENCE a.numbers, b.numbers"),
                argumentSet(
                        "what a block makes",
                        "CREATE SCHEMA a;; CREATE SCHEMA b",
                        "DO $$ begin CREATE TABLE a.orders (id serial PRIMARY KEY); CREATE TABLE b.orders (id serial"
                                + " PRIMARY KEY); CREATE TYPE a.mood AS ENUM ('happy'); CREATE TYPE b.mood AS ENUM"
                                + " ('sad'); CREATE SEQUENCE a.numbers; CREATE SEQUENCE b.numbers; CREATE FUNCTION"
                                + " a.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION b.f() RETURNS"
                                + " integer LANGUAGE sql AS 'SELECT 2'; end $$"));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void goToRestAndComeBackTogether(String given, String change) throws Exception {
        try (SampleDatabase asWritten = SampleDatabase.createEmpty()) {
            database.database().execute(given.split(";;"));
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

    @Test
    void onlyThoseThatAreCalledAlikeHaveTheirSchemaInTheName() throws Exception {
        database.database().execute(TWO.split(";;"));
        Plan plan = plan(database, "DROP TABLE a.orders, b.orders, b.lines");
        String key = Planner.runKey(RUN, 1);
        database.run(plan, Direction.FORWARD);
        try (Connection connection = database.target().open(Session.reader("test"))) {
            assertThat(AtticInventory.read(connection, key).objects())
                    .contains(
                            "table fermata_attic." + quoted(key + "_1_a_orders"),
                            "table fermata_attic." + quoted(key + "_1_b_orders"),
                            "table fermata_attic." + quoted(key + "_1_lines"));
        }
    }

    private static String quoted(String name) {
        return Character.isDigit(name.charAt(0)) ? '"' + name + '"' : name;
    }
}
