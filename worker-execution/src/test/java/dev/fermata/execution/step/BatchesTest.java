package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final Duration BUDGET = Duration.ofSeconds(1);

    private final Told told = new Told();
    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                RealPostgres.shared(),
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 5000) AS n",
                "ANALYZE items");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Plan plan(int rows) {
        return Workbench.backfill(BUDGET, rows);
    }

    private void run(Plan plan) throws Exception {
        bench.run(plan, Direction.FORWARD, Limits.of(plan.settings()), 1, told);
    }

    private CompletableFuture<Void> start(Plan plan) {
        return Workbench.meanwhile(() -> run(plan));
    }

    private String changedExactlyOnce() throws Exception {
        return bench.database.ask("SELECT count(*) FROM items WHERE amount = 1");
    }

    @Test
    void everyRowIsChangedOnceWhateverItsKeyLooksLikeAsText() throws Exception {
        run(plan(7));
        assertThat(changedExactlyOnce()).isEqualTo("5000");
        assertThat(bench.database.ask("SELECT rows FROM fermata.ledger WHERE step = 1"))
                .isEqualTo("5000");
    }

    @Test
    void batchesGrowUntilTheyTakeTheTimeTheyShould() throws Exception {
        run(plan(1));
        assertThat(told.results).singleElement().satisfies(result -> assertThat(result.attempts())
                .as("batches for 5000 rows that began with one row each")
                .isLessThan(60));
    }

    @Test
    void aBatchThatALockedRowStopsIsSplitAndTheRestGoesOn() throws Exception {
        CompletableFuture<Void> running;
        try (Connection other = bench.database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("UPDATE items SET amount = 0 WHERE id = 2500");
            running = start(plan(5000));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() ->
                            Integer.parseInt(bench.database.ask("SELECT count(*) FROM items WHERE amount = 1")) > 0);
            assertThat(running).isNotDone();
            other.rollback();
        }
        running.get();
        assertThat(changedExactlyOnce()).isEqualTo("5000");
    }

    @Test
    void whileSomebodyWaitsForALockOnTheTableNoBatchBegins() throws Exception {
        bench.run(Workbench.plan(BUDGET, 1), Direction.FORWARD); // makes the ledger
        try (Connection holds = bench.database.connect();
                Connection waits = bench.database.connect()) {
            holds.setAutoCommit(false);
            holds.createStatement().execute("LOCK TABLE items IN ACCESS SHARE MODE");
            waits.setAutoCommit(false);
            CompletableFuture<Void> waiting = Workbench.meanwhile(() -> {
                waits.createStatement().execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE");
                waits.rollback();
            });
            Awaitility.await().until(() -> !bench.database
                    .askAll("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'items'::regclass")
                    .isEmpty());
            CompletableFuture<Void> running = start(plan(100));
            Awaitility.await().until(() -> told.held.stream().anyMatch(h -> h.contains("wait for a lock")));
            assertThat(bench.database.ask("SELECT count(*) FROM fermata.ledger WHERE step = 1"))
                    .as("begun, which would stand in the queue")
                    .isEqualTo("0");
            holds.rollback();
            waiting.get();
            running.get();
        }
        assertThat(changedExactlyOnce()).isEqualTo("5000");
    }

    private void execute(String sql) {
        try {
            bench.database.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anOperatorCanHoldItAndLetItGoOn() throws Exception {
        bench.database.execute(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'begin perform pg_sleep(0.001); return new;"
                        + " end'",
                "CREATE TRIGGER slow BEFORE UPDATE ON items FOR EACH ROW WHEN (new.id % 3 = 0) EXECUTE"
                        + " FUNCTION slow()");
        told.whenBegun(() -> execute("INSERT INTO fermata.pace (run_id, revision, sequence, percent, reason) VALUES ('"
                + Workbench.RUN
                + "', 1, 1, 0, 'paused by eve: the shop is slow')"));
        CompletableFuture<Void> running = start(plan(50));
        Awaitility.await().until(() -> told.held.stream().anyMatch(h -> h.equals("paused by eve: the shop is slow")));
        String standing = changedExactlyOnce();
        assertThat(bench.database.askAll("SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' AND"
                        + " datname = current_database()"))
                .as("sessions that hold locks while it is paused")
                .isEmpty();
        assertThat(changedExactlyOnce()).isEqualTo(standing);
        assertThat(running).isNotDone();
        bench.database.execute("UPDATE fermata.pace SET sequence = 2, percent = 100, reason = 'eve'");
        running.get();
        assertThat(changedExactlyOnce()).isEqualTo("5000");
    }

    @Test
    void whatIsLeftIsToldOnceEnoughWasSeen() {
        Pace pace = new Pace();
        pace.mark(0, 0);
        assertThat(pace.remaining(1000)).isNull();
        pace.mark(Duration.ofSeconds(4).toNanos(), 200);
        assertThat(pace.remaining(1000)).isEqualTo(Duration.ofSeconds(16));
        assertThat(pace.remaining(0)).as("of an unknown number").isNull();
        pace.stoodStill();
        assertThat(pace.remaining(1000)).as("after a standstill").isNull();
    }

    @Test
    void aRowThatStaysLockedEndsTheStepAndSaysWhoLocksIt() throws Exception {
        try (Connection other = bench.database.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("SET LOCAL application_name = 'left open'");
            other.createStatement().execute("UPDATE items SET amount = 0 WHERE id = 3");
            Plan plan = plan(8);
            assertThatThrownBy(() -> run(plan))
                    .hasMessageContaining("did not get its lock")
                    .hasMessageContaining("left open");
        }
    }

    @Test
    void rowsThatMoveWhileATableWithoutAKeyIsGoneThroughAreFound() throws Exception {
        bench.database.execute(
                "CREATE TABLE keyless (n int, other int, made int)",
                "INSERT INTO keyless SELECT n, 0 FROM generate_series(1, 5000) AS n",
                "ANALYZE keyless");
        Plan plan = Workbench.plan(
                BUDGET,
                3,
                Workbench.batches(
                        "UPDATE public.keyless AS k SET made = 1 WHERE k.made IS NULL AND " + Batching.RANGE,
                        new Batching("public.keyless", "k", List.of(), 300, null, List.of("made")),
                        Inverse.nothing()));
        AtomicBoolean moved = new AtomicBoolean();
        Heard application = new Heard() {
            @Override
            public void committing(int step, Direction direction, Connection connection) throws SQLException {
                if (moved.compareAndSet(false, true)) {
                    bench.database.execute("UPDATE keyless SET other = 1 WHERE n > 4000");
                }
            }
        };
        bench.run(plan, Direction.FORWARD, Limits.of(plan.settings()), 1, application);
        assertThat(bench.database.ask("SELECT count(*) FROM keyless WHERE made IS NULL"))
                .isEqualTo("0");
        assertThat(bench.database.ask("SELECT rows FROM fermata.ledger WHERE step = 1"))
                .isEqualTo("5000");
    }
}
