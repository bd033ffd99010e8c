package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.function.UnaryOperator;
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
class WaysBackTest {
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
                "CREATE TABLE items (id integer PRIMARY KEY, name text, amount integer)",
                "INSERT INTO items SELECT n, 'item ' || n, n FROM generate_series(1, 3000) AS n",
                "CREATE TABLE parts (id integer PRIMARY KEY, item integer REFERENCES items ON DELETE CASCADE)",
                "INSERT INTO parts SELECT n, n FROM generate_series(1, 100) AS n",
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

    @Test
    void anAuthorsRollbackThatIsNoInverseIsFoundAndTheGeneratedOneIsNamed() throws Exception {
        RehearsalReport report = stage.rehearse(
                "ALTER TABLE items ADD COLUMN x integer; CREATE INDEX items_x ON items (x)", "DROP INDEX items_x");
        assertThat(report.passed()).isFalse();
        assertThat(report.failure()).isNotNull().satisfies(failure -> {
            assertThat(failure.code()).isEqualTo("rollback-does-not-undo");
            assertThat(failure.message())
                    .contains("column public.items.x is left over", "generated from the plan does");
        });
        assertThat(report.rollbacks()).hasSize(2);
        assertThat(report.rollbacks().get(0)).satisfies(authors -> {
            assertThat(authors.source()).isEqualTo(Plan.Source.AUTHOR);
            assertThat(authors.restores()).isFalse();
            assertThat(authors.differences()).contains("column public.items.x is left over");
        });
        assertThat(report.rollbacks().get(1)).satisfies(generated -> {
            assertThat(generated.source()).isEqualTo(Plan.Source.GENERATED);
            assertThat(generated.restores()).isTrue();
        });
        assertThat(report.betterRollback()).isEqualTo(Plan.Source.GENERATED);
    }

    @Test
    void anAuthorsRollbackOfRowsThatDoesNotBringThemBackIsFound() throws Exception {
        RehearsalReport report = stage.rehearse(
                "UPDATE items SET amount = amount * 2 WHERE id <= 10",
                "UPDATE items SET amount = amount / 2 WHERE id <= 9");
        assertThat(report.passed()).isFalse();
        assertThat(report.rollbacks()).extracting(way -> way.restores()).containsExactly(false, true);
        assertThat(report.rollbacks().getFirst().differences())
                .containsExactly("table public.items holds 3000 rows of other content (before: 3000 rows)");
        assertThat(report.betterRollback()).isEqualTo(Plan.Source.GENERATED);
    }

    @Test
    void anAuthorsRollbackThatFailsIsFound() throws Exception {
        RehearsalReport report =
                stage.rehearse("ALTER TABLE items ADD COLUMN x integer", "ALTER TABLE items DROP COLUMN y");
        assertThat(Objects.requireNonNull(report.failure()).code()).isEqualTo("rollback-fails");
        assertThat(report.rollbacks().getFirst().failure()).contains("y");
        assertThat(report.betterRollback()).isEqualTo(Plan.Source.GENERATED);
    }

    @Test
    void whereThereIsNoRoomForTheOtherWayTheAuthorsIsTriedAllTheSame() throws Exception {
        Planner.Planned planned = stage.plan("CREATE INDEX items_amount ON items (amount)", "DROP INDEX items_amount");
        RehearsalReport report =
                stage.rehearse(planned, UnaryOperator.identity(), WorkOrder.Clone.DUMP, this::forbidMoreDatabases);
        assertThat(report.passed()).as(String.valueOf(report.failure())).isTrue();
        assertThat(report.rollbacks()).extracting(way -> way.restores()).containsExactly(true, false);
        assertThat(report.rollbacks().get(1).failure()).contains("it was not tried", "permission denied");
        assertThat(report.betterRollback()).isEqualTo(Plan.Source.AUTHOR);
    }

    private void forbidMoreDatabases() {
        try (Connection superuser = stage.database().connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("ALTER ROLE " + stage.database().user() + " NOCREATEDB");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whereBothRestoreTheOneThatKeepsWhatIsWrittenMeanwhileIsTheBetter() throws Exception {
        RehearsalReport report =
                stage.rehearse("CREATE INDEX items_amount ON items (amount)", "DROP INDEX items_amount");
        assertThat(report.passed()).isTrue();
        assertThat(report.rollbacks()).extracting(way -> way.restores()).containsExactly(true, true);
        assertThat(report.rollbacks()).extracting(way -> way.lossless()).containsExactly(null, true);
        assertThat(report.betterRollback()).isEqualTo(Plan.Source.GENERATED);
    }

    @Test
    void aPlanWithoutAnAuthorsRollbackHasOneWayBackAndNoBetterOne() throws Exception {
        RehearsalReport report = stage.rehearse("ALTER TABLE items ADD COLUMN x integer", null);
        assertThat(report.passed()).isTrue();
        assertThat(report.rollbacks()).singleElement().satisfies(way -> {
            assertThat(way.source()).isEqualTo(Plan.Source.GENERATED);
            assertThat(way.restores()).isTrue();
        });
        assertThat(report.betterRollback()).isNull();
    }

    @Test
    void rowsOfOtherTablesThatGoAlongWithADeletionAreNotForgotten() throws Exception {
        assertThatThrownBy(() -> stage.plan("DELETE FROM items WHERE id <= 5", null))
                .isInstanceOf(PlanRefusedException.class)
                .hasMessageContaining("public.parts");
        RehearsalReport report =
                stage.rehearse("DELETE FROM items WHERE id = 5", "INSERT INTO items SELECT * FROM items WHERE false");
        assertThat(report.rollbacks()).singleElement().satisfies(way -> {
            assertThat(way.restores()).isFalse();
            assertThat(way.differences()).anyMatch(line -> line.startsWith("table public.parts holds 99 rows"));
        });
    }

    private void triggers(String before) throws SQLException {
        stage.database()
                .execute(
                        "ALTER TABLE items ADD COLUMN seen timestamptz",
                        "CREATE TABLE audit (item integer, at timestamptz)",
                        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'begin " + before
                                + " return new; end'",
                        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'begin insert into audit values"
                                + " (new.id, now()); return null; end'",
                        "CREATE TRIGGER stamped BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION stamp()",
                        "CREATE TRIGGER noted AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION note()");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE items SET amount = amount * 2 WHERE id <= 10",
                "ALTER TABLE items ADD COLUMN token uuid DEFAULT gen_random_uuid()",
                "ALTER TABLE parts ALTER COLUMN item TYPE bigint; UPDATE items SET name = upper(name)",
                "UPDATE items SET amount = (SELECT max(other.id) FROM items AS other)"
            })
    void whatTriggersOfTheApplicationWriteByThemselvesIsNotTakenForADifference(String change) throws Exception {
        triggers("new.seen := clock_timestamp();");
        assertThat(stage.plan(change, null).plan().redFlags())
                .filteredOn(flag -> flag.code().equals("triggers-fire"))
                .singleElement()
                .satisfies(flag -> assertThat(flag.message()).contains("public.items", "noted, stamped"));
        RehearsalReport report = stage.rehearse(change, null);
        assertThat(report.failure()).isNull();
        assertThat(report.differences()).isEmpty();
        assertThat(report.cloneNotes())
                .contains(
                        "triggers noted, stamped of public.items wrote to table public.audit; a rollback leaves that",
                        "triggers noted, stamped of public.items changed seen of table public.items; a rollback leaves"
                                + " that");
    }

    @Test
    void aTriggerThatKeepsAValueFromGoingBackIsNamed() throws Exception {
        triggers("new.name := upper(new.name);");
        RehearsalReport report = stage.rehearse("UPDATE items SET name = name || '!' WHERE id <= 10", null);
        assertThat(report.failure()).isNotNull().satisfies(failure -> {
            assertThat(failure.code()).isEqualTo("rollback-does-not-undo");
            assertThat(failure.message())
                    .contains("table public.items", "triggers noted, stamped of public.items fire on the way back");
        });
    }
}
