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

/** A table that rests, alone or with its schema, is as good as dropped to everybody else. */
@Execution(ExecutionMode.CONCURRENT)
class RestingTablesTest {
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP SCHEMA shop CASCADE",
                "DROP SCHEMA shop, extra CASCADE",
                "DROP TABLE shop.orders, shop.visits_2, shop.rare_tags, shop.stock CASCADE"
            })
    void itIsOutOfKeysPartitionsHeirsAndPublications(String change) throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE SCHEMA shop",
                            "CREATE TABLE people (id integer PRIMARY KEY)",
                            "INSERT INTO people SELECT n FROM generate_series(1, 20) AS n",
                            "CREATE TABLE shop.stock (id integer PRIMARY KEY)",
                            "INSERT INTO shop.stock SELECT n FROM generate_series(1, 20) AS n",
                            "CREATE TABLE shop.orders (id integer PRIMARY KEY, person integer, stock integer REFERENCES"
                                    + " shop.stock)",
                            "INSERT INTO shop.orders SELECT n, n, n FROM generate_series(1, 20) AS n",
                            "ALTER TABLE shop.orders ADD CONSTRAINT by FOREIGN KEY (person) REFERENCES people",
                            "ALTER TABLE shop.orders ADD CONSTRAINT half FOREIGN KEY (person) REFERENCES customers (id)"
                                    + " NOT VALID",
                            "CREATE TABLE wishes (stock integer REFERENCES shop.stock)",
                            "CREATE TABLE visits (id integer, person integer REFERENCES people) PARTITION BY RANGE"
                                    + " (id)",
                            "CREATE TABLE shop.visits_2 PARTITION OF visits FOR VALUES FROM (0) TO (100)",
                            "INSERT INTO visits SELECT n, n FROM generate_series(1, 20) AS n",
                            "CREATE TABLE parts_known (id integer PRIMARY KEY) PARTITION BY RANGE (id)",
                            "CREATE TABLE parts_known_1 PARTITION OF parts_known FOR VALUES FROM (0) TO (100)",
                            "ALTER TABLE visits ADD COLUMN part integer REFERENCES parts_known",
                            "CREATE TABLE tags (name text)",
                            "CREATE TABLE shop.rare_tags () INHERITS (tags)",
                            "INSERT INTO shop.rare_tags VALUES ('odd')",
                            "CREATE PUBLICATION feed FOR TABLE people, shop.orders WHERE (id > 3)");
            List<String> start = database.looks();
            Plan plan = plan(database, change);
            database.run(plan, Direction.FORWARD);
            database.database()
                    .execute(
                            "BEGIN",
                            "DELETE FROM people",
                            "DELETE FROM customers WHERE id = 20 AND NOT EXISTS (SELECT FROM orders WHERE customer ="
                                    + " 20)",
                            "ROLLBACK");
            assertThat(database.database().ask("SELECT (SELECT count(*) FROM visits) + (SELECT count(*) FROM tags)"))
                    .isEqualTo("0");
            assertThat(database.database().askAll("SELECT tablename FROM pg_publication_tables"))
                    .containsExactly("people");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
            database.run(plan, Direction.FORWARD);
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void aParentThatGoesWithItsSchemaTakesPartitionsOfOtherSchemasAlong() throws Exception {
        try (SampleDatabase database = SampleDatabase.create()) {
            database.database()
                    .execute(
                            "CREATE SCHEMA shop",
                            "CREATE TABLE people (id integer PRIMARY KEY)",
                            "INSERT INTO people SELECT n FROM generate_series(1, 20) AS n",
                            "CREATE TABLE shop.visits (id integer, person integer REFERENCES people) PARTITION BY RANGE"
                                    + " (id)",
                            "CREATE TABLE visits_1 PARTITION OF shop.visits FOR VALUES FROM (0) TO (100)",
                            "INSERT INTO visits_1 SELECT n, n FROM generate_series(1, 20) AS n");
            List<String> start = database.looks();
            Plan plan = plan(database, "DROP SCHEMA shop CASCADE");
            database.run(plan, Direction.FORWARD);
            database.database().execute("DELETE FROM people WHERE id > 20", "UPDATE people SET id = id + 100");
            database.database().execute("UPDATE people SET id = id - 100");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    @Test
    void statisticsOfATableWhoseNameBeginsAlikeStayWhereTheyAre() throws Exception {
        try (SampleDatabase database = SampleDatabase.createEmpty()) {
            database.database()
                    .execute(
                            "CREATE TABLE item (a integer, b integer)",
                            "CREATE TABLE items (a integer, b integer)",
                            "CREATE STATISTICS of_item ON a, b FROM item",
                            "ALTER STATISTICS of_item SET STATISTICS 50",
                            "CREATE STATISTICS of_items ON a, b FROM items");
            List<String> start = database.looks();
            Plan plan = plan(database, "DROP TABLE item");
            database.run(plan, Direction.FORWARD);
            assertThat(database.database()
                            .askAll("SELECT stxname FROM pg_statistic_ext WHERE stxname !~ '^fermata_attic_'"))
                    .containsExactly("of_items");
            database.run(plan, Direction.BACK);
            assertThat(differences(start, database.looks())).isEmpty();
        }
    }

    private static Plan plan(SampleDatabase database, String change) throws Exception {
        return new Drafting(new Planner(parser))
                .draft(database.target(), RUN, 1, WorkOrder.of("n", "ada", List.of("shop"), change, null))
                .plan();
    }
}
