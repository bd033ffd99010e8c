package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.plan.Planner;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT)
class EquivalenceTest {
    private static SqlParser parser;
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
                "CREATE TABLE items (id integer PRIMARY KEY, name text, amount integer NOT NULL DEFAULT 7)",
                "INSERT INTO items SELECT n, 'item ' || n, n FROM generate_series(1, 3000) AS n",
                "CREATE INDEX items_name ON items (name)",
                "CREATE TABLE parts (id integer PRIMARY KEY, item integer REFERENCES items ON DELETE CASCADE)",
                "INSERT INTO parts SELECT n, n FROM generate_series(1, 100) AS n",
                "CREATE TABLE kinds (id integer, note text)",
                "CREATE TABLE rare_kinds (place text) INHERITS (kinds)",
                "INSERT INTO rare_kinds VALUES (1, 'here', 'there')",
                "ANALYZE");
    }

    @AfterEach
    void drop() throws SQLException {
        try {
            assertThat(stage.leftovers()).as("clones that were not removed").isEmpty();
        } finally {
            stage.close();
        }
    }

    private Equivalence proof(String change, String as, String... instead) throws Exception {
        Planner.Planned planned = stage.plan(change, null);
        RehearsalReport report = stage.rehearse(
                planned, plan -> Stage.withFirst(plan, step -> Stage.withSql(step, instead)), WorkOrder.Clone.DUMP);
        assertThat(report.equivalence()).as(as).isNotNull();
        return Objects.requireNonNull(report.equivalence());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE items ALTER COLUMN name SET NOT NULL",
                "CREATE INDEX items_amount ON items (amount)",
                "DROP INDEX items_name",
                "ALTER TABLE kinds DROP COLUMN note",
                "UPDATE items SET amount = amount + 1 WHERE id % 3 = 0",
                "ALTER TABLE items ADD COLUMN flag boolean; UPDATE items SET flag = true WHERE amount > 100",
            })
    void aPlanThatLeadsToTheSameIsProvenToDoSo(String change) throws Exception {
        RehearsalReport report = stage.rehearse(change, null);
        assertThat(report.failure()).isNull();
        assertThat(report.equivalence()).isNotNull().satisfies(proof -> {
            assertThat(proof.compared()).isTrue();
            assertThat(proof.differences()).isEmpty();
            assertThat(proof.columnOrder()).isEmpty();
            assertThat(proof.asWritten()).isNotNull();
        });
    }

    @Test
    void aDifferenceInTheCatalogIsNamed() throws Exception {
        Equivalence proof = proof(
                "CREATE INDEX items_amount ON items (amount)",
                "another index",
                "CREATE INDEX CONCURRENTLY items_amount ON items (amount, id)");
        assertThat(proof.compared()).isTrue();
        assertThat(proof.differences())
                .singleElement()
                .asString()
                .contains("index public.items_amount", "(amount, id)", "expected", "(amount)");
    }

    @Test
    void aDifferenceInTheRowsIsNamedByTableAndColumnWithoutValues() throws Exception {
        Equivalence proof = proof(
                "ALTER TABLE items ADD COLUMN secret text DEFAULT 'as the author says'",
                "another value",
                "ALTER TABLE items ADD COLUMN secret text DEFAULT 'as the author says'",
                "UPDATE items SET secret = 'confidential' WHERE id = 1700");
        assertThat(proof.differences())
                .containsExactly("table public.items holds 3000 rows as expected, but with other values in secret");
    }

    @Test
    void rowsThatAreMissingAreCounted() throws Exception {
        Equivalence proof = proof(
                "ALTER TABLE items ADD COLUMN x integer",
                "fewer rows, and fewer in a table that hangs on it",
                "ALTER TABLE items ADD COLUMN x integer",
                "DELETE FROM items WHERE id = 1");
        assertThat(proof.differences())
                .containsExactly(
                        "table public.items holds 2999 rows (expected: 3000)",
                        "table public.parts holds 99 rows (expected: 100)");
    }

    @Test
    void columnsInAnotherOrderAreNoDifferenceButAreSaid() throws Exception {
        Equivalence proof = proof(
                "DO $$ BEGIN ALTER TABLE items ADD COLUMN a integer DEFAULT 1; ALTER TABLE items ADD COLUMN b integer"
                        + " DEFAULT 2; END $$",
                "the other way round",
                "ALTER TABLE items ADD COLUMN b integer DEFAULT 2, ADD COLUMN a integer DEFAULT 1");
        assertThat(proof.differences()).isEmpty();
        assertThat(proof.columnOrder()).containsExactly("public.items");
    }

    @Test
    void whatFailsAsWrittenAlthoughThePlanWorksIsSaid() throws Exception {
        Equivalence proof = proof(
                "DO $$ BEGIN ALTER TABLE items ADD CONSTRAINT few CHECK (amount < 10); END $$",
                "the rows do not fit",
                "ALTER TABLE items ADD CONSTRAINT few CHECK (amount < 10) NOT VALID");
        assertThat(proof.compared()).isFalse();
        assertThat(proof.whyNot()).contains("although the plan does not", "statement 1 (line 1)", "few");
    }

    @Test
    void whatWorksAsWrittenAlthoughThePlanFailsIsSaid() throws Exception {
        Planner.Planned planned = stage.plan("ALTER TABLE items ADD COLUMN x integer", null);
        RehearsalReport report = stage.rehearse(
                planned,
                plan -> Stage.withFirst(
                        plan, step -> Stage.withSql(step, "ALTER TABLE items ADD COLUMN x integer", "SELECT 1 / 0")),
                WorkOrder.Clone.DUMP);
        assertThat(report.passed()).isFalse();
        assertThat(report.failure()).isNotNull();
        assertThat(Objects.requireNonNull(report.failure()).message())
                .contains("division by zero", "as it is written, the change goes through");
    }

    @Test
    void valuesOfAClockDifferAndAreNotPassedOver() throws Exception {
        RehearsalReport report = stage.rehearse(
                "ALTER TABLE items ADD COLUMN seen timestamptz; UPDATE items SET seen = clock_timestamp()", null);
        assertThat(Objects.requireNonNull(report.equivalence()).differences())
                .containsExactly("table public.items holds 3000 rows as expected, but with other values in seen");
    }

    @Test
    void rowsThatGotNoValueOfADefaultAreCounted() throws Exception {
        stage.database()
                .execute(
                        "CREATE TABLE days (at date) PARTITION BY RANGE (at)",
                        "CREATE TABLE day PARTITION OF days DEFAULT",
                        "INSERT INTO days SELECT date '2026-01-01' + n FROM generate_series(1, 9) AS n");
        String change = "ALTER TABLE days ADD COLUMN token uuid DEFAULT gen_random_uuid()";
        Planner.Planned planned = stage.plan(change, null);
        assertThat(Objects.requireNonNull(stage.rehearse(planned, plan -> plan, WorkOrder.Clone.DUMP)
                                .equivalence())
                        .differences())
                .isEmpty();
        RehearsalReport report = stage.rehearse(
                planned,
                plan -> Stage.withStep(
                        plan, 1, step -> Stage.withSql(step, step.sql().getFirst() + " AND at <> '2026-01-02'")),
                WorkOrder.Clone.DUMP);
        assertThat(Objects.requireNonNull(report.equivalence()).differences())
                .containsExactly("table public.day has no value in token of 1 row (expected: a value in each)");
    }
}
