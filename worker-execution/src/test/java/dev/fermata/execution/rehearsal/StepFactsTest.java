package dev.fermata.execution.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import dev.fermata.contracts.plan.StepFacts;
import dev.fermata.contracts.plan.StepFacts.HeldLock;
import dev.fermata.execution.plan.Planner;
import dev.fermata.postgres.parser.SqlParser;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepFactsTest {
    private static final Duration NAP = Duration.ofMillis(400);
    private static final String SLEEP = "SELECT pg_sleep(0.4)";

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
                "INSERT INTO items SELECT n, 'item ' || n, n FROM generate_series(1, 20000) AS n",
                "ANALYZE");
    }

    @AfterEach
    void drop() {
        stage.close();
    }

    private static StepFacts facts(List<StepTiming> timings) {
        assertThat(timings).isNotEmpty();
        return Objects.requireNonNull(timings.getFirst().facts());
    }

    /** Of the first step, which touches the table and runs these statements instead of its own. */
    private StepFacts doctored(String... sql) throws Exception {
        Planner.Planned planned = stage.plan("ALTER TABLE items ADD COLUMN x integer", null);
        RehearsalReport report = stage.rehearse(
                planned, plan -> Stage.withFirst(plan, step -> Stage.withSql(step, sql)), WorkOrder.Clone.DUMP);
        return facts(report.forward());
    }

    @Test
    void aLockIsSeenWithTheTimeItWasHeldAndTheReaderAndTheWriterFeelIt() throws Exception {
        StepFacts facts = doctored("ALTER TABLE items ADD COLUMN x integer", SLEEP);
        assertThat(facts.locks()).first().isEqualTo(new HeldLock("public.items", "ACCESS EXCLUSIVE"));
        assertThat(facts.locksFrom()).contains("right before its commit");
        assertThat(facts.strongestHeld()).isBetween(NAP, Duration.ofSeconds(30));
        assertThat(facts.readerStall()).isGreaterThan(NAP.dividedBy(2));
        assertThat(facts.writerStall()).isGreaterThan(NAP.dividedBy(2));
        assertThat(facts.rewritten()).isEmpty();
        assertThat(facts.scale()).isEqualTo(1.0);
    }

    @Test
    void aLockThatLetsReadersPassIsFeltByTheWriterAlone() throws Exception {
        StepFacts facts = doctored("LOCK TABLE items IN SHARE MODE", SLEEP, "ALTER TABLE items ADD COLUMN x integer");
        assertThat(facts.writerStall()).isGreaterThan(NAP.dividedBy(2));
        assertThat(facts.readerStall()).isLessThan(Objects.requireNonNull(facts.writerStall()));
    }

    @Test
    void aRewriteIsSeenWithItsIndexesAndWhatItWrites() throws Exception {
        StepFacts facts = doctored("ALTER TABLE items ADD COLUMN x uuid DEFAULT gen_random_uuid()");
        assertThat(facts.rewritten()).containsExactly("public.items", "public.items_pkey");
        assertThat(facts.walBytes()).isGreaterThan(20_000L * 16);
        assertThat(facts.diskBytes()).isGreaterThan(0);
    }

    @Test
    void temporaryFilesAreCounted() throws Exception {
        StepFacts facts = doctored(
                "SET LOCAL work_mem = '64kB'",
                "CREATE TABLE sorted AS SELECT name FROM items ORDER BY md5(name)",
                "ALTER TABLE items ADD COLUMN x integer");
        assertThat(facts.tempBytes()).isGreaterThan(100_000);
    }

    @Test
    void anIndexBuiltConcurrentlyHoldsUpNobody() throws Exception {
        String slow = "md5(repeat(name, 1000))"; // so that who looks now and then sees it
        RehearsalReport report = stage.rehearse("CREATE INDEX items_name ON items (" + slow + ")", null);
        assertThat(report.passed()).isTrue();
        StepFacts forward = facts(report.forward());
        assertThat(forward.locks())
                .extracting(HeldLock::mode)
                .contains("SHARE UPDATE EXCLUSIVE")
                .doesNotContain("SHARE", "ACCESS EXCLUSIVE");
        assertThat(forward.locksFrom()).contains("looking every");
        assertThat(forward.readerStall()).isNotNull();
        assertThat(forward.writerStall()).isNotNull();
        assertThat(facts(report.back()).locksFrom()).contains("looking every");
    }

    @Test
    void batchesAreMeasuredBatchByBatch() throws Exception {
        RehearsalReport report = stage.rehearse("UPDATE items SET amount = amount + 1", null);
        assertThat(report.passed()).isTrue();
        StepFacts facts = facts(report.forward());
        assertThat(facts.locks()).first().isEqualTo(new HeldLock("public.items", "ROW EXCLUSIVE"));
        assertThat(facts.locksFrom()).containsPattern("each of [2-9] commits");
        assertThat(facts.strongestHeld())
                .as("a batch, not all of them")
                .isLessThan(report.forward().getFirst().elapsed());
        assertThat(report.forward().getFirst().rows()).isEqualTo(20_000);
    }

    @Test
    void whereTheCloneHasNoRowsNothingIsSaidOfTheTargetsTime() throws Exception {
        Planner.Planned planned = stage.plan("ALTER TABLE items ADD COLUMN x integer", null);
        RehearsalReport report = stage.rehearse(planned, plan -> plan, WorkOrder.Clone.SCHEMA);
        assertThat(report.passed()).isTrue();
        assertThat(facts(report.forward()).scale()).isNull();
        assertThat(facts(report.forward()).scaleBasis()).contains("no rows");
        assertThat(report.cloneNotes()).anyMatch(note -> note.contains("no rows"));
    }

    private RehearsalReport retyped(String first) throws Exception {
        Planner.Planned planned = stage.plan("ALTER TABLE items ALTER COLUMN amount TYPE numeric(12, 2)", null);
        return stage.rehearse(
                planned,
                plan -> Stage.withFirst(plan, step -> {
                    List<String> sql = new ArrayList<>(step.sql());
                    sql.add(first);
                    return Stage.withSql(step, sql.toArray(String[]::new));
                }),
                WorkOrder.Clone.DUMP);
    }

    /** Rows are filled without it, so that nothing else would see that it fails. */
    @ParameterizedTest
    @ValueSource(strings = {"INSERT", "UPDATE"})
    void aTriggerOfThePlanThatStopsTheApplicationFailsTheRehearsal(String event) throws Exception {
        RehearsalReport report =
                retyped("DO 'DECLARE f text; BEGIN SELECT replace(pg_get_functiondef(p.oid), ''BEGIN '',"
                        + " ''BEGIN IF TG_OP = ''''" + event
                        + "'''' THEN PERFORM no_such; END IF; '') INTO f FROM pg_proc AS p WHERE pronamespace ="
                        + " ''fermata_attic''::regnamespace AND proname ~ ''_forth$''; EXECUTE f; END'");
        assertThat(report.passed()).isFalse();
        assertThat(Objects.requireNonNull(report.failure()).message())
                .contains("after step 1, " + event + " of table public.items fails: ", "no_such");
        assertThat(report.failure().code()).isEqualTo("writes-fail");
    }

    @Test
    void whatTriggersOfTheApplicationRefuseIsNoFaultOfThePlan() throws Exception {
        stage.database()
                .execute(
                        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'begin raise exception ''no''; end'",
                        "CREATE TRIGGER no BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION no()");
        RehearsalReport report = retyped("SELECT");
        assertThat(report.passed()).as(String.valueOf(report.failure())).isTrue();
        assertThat(report.forward()).hasSizeGreaterThan(3);
    }
}
