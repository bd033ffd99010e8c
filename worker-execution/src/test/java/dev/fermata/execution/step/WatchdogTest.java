package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.postgres.targets.Session;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it measures for how long others wait")
class WatchdogTest {
    private static final Duration BUDGET = Duration.ofMillis(600);
    private static final Duration MOST = BUDGET.multipliedBy(12).dividedBy(10);

    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                RealPostgres.shared(),
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, 1000) AS n");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Plan holding(double seconds, int attempts) {
        return holding(String.valueOf(seconds), attempts);
    }

    private static Plan holding(String seconds, int attempts) {
        return Workbench.plan(
                BUDGET,
                attempts,
                Workbench.strong(
                        "public.items",
                        Inverse.transaction("ALTER TABLE items DROP COLUMN x"),
                        "ALTER TABLE items ADD COLUMN x int",
                        "SELECT pg_sleep(" + seconds + ")"));
    }

    @Test
    void theApplicationIsNotHeldUpByALockThatWeHoldForTooLong() throws Exception {
        try (Application application = Application.running(bench.database, "SELECT count(*) FROM items")) {
            Awaitility.await().until(() -> application.statements() > 10);
            assertThatThrownBy(() -> bench.run(holding(4, 3), Direction.FORWARD))
                    .isInstanceOf(StepFailedException.class)
                    .hasMessageContaining("longer under its lock than others can wait");
            assertThat(application.longestStall()).isBetween(BUDGET.dividedBy(4), MOST);
        }
        assertThat(bench.database.ask("SELECT count(*) FROM information_schema.columns WHERE table_name = 'items'"))
                .isEqualTo("2");
    }

    @Test
    void aLockThatNobodyWaitsForIsHeldAsLongAsItTakes() throws Exception {
        bench.run(holding(1.5, 1), Direction.FORWARD);
        assertThat(bench.heard.lines).containsExactly("started 1 forward", "completed 1 forward");
    }

    @Test
    void maintenanceThatWaitsForOursIsNotTheApplication() throws Exception {
        Plan plan = Workbench.plan(
                BUDGET,
                1,
                Workbench.strong(
                        "public.items",
                        Inverse.nothing(),
                        "LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE",
                        "SELECT pg_sleep(2)"));
        CompletableFuture<Boolean> running = CompletableFuture.supplyAsync(() -> runs(plan), Workbench.THREADS);
        Awaitility.await().until(() -> !bench.database
                .askAll("SELECT 1 FROM pg_locks WHERE mode = 'ShareUpdateExclusiveLock' AND granted AND relation ="
                        + " 'items'::regclass")
                .isEmpty());
        bench.database.execute("ANALYZE items");
        assertThat(running.get()).isTrue();
        assertThat(bench.heard.lines).containsExactly("started 1 forward", "completed 1 forward");
    }

    @Test
    void theTimeThatAStepWorksIsNotTakenForWaiting() throws Exception {
        bench.database.execute("CREATE SEQUENCE tries"); // which no rollback sets back
        Plan plan = holding("CASE WHEN nextval('tries') = 1 THEN 30 ELSE 0 END", 2);
        Limits limits = Workbench.limits(plan, Duration.ofSeconds(1), Duration.ZERO);
        CompletableFuture<Void> running = Workbench.meanwhile(() -> bench.run(plan, Direction.FORWARD, limits));
        Awaitility.await().pollDelay(BUDGET.multipliedBy(2)).until(() -> !bench.database
                .askAll("SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation ="
                        + " (SELECT oid FROM pg_class WHERE relname = 'items')")
                .isEmpty());
        bench.database.ask("SELECT count(*) FROM items"); // waits until ours gives way
        running.get();
        assertThat(bench.heard.lines).containsExactly("started 1 forward", "blocked 1", "completed 1 forward");
    }

    @Test
    void whoStandsBehindUsInAQueueWaitsLessThanOurLockTimeout() throws Exception {
        Plan plan = holding(0, 8);
        Limits limits = Workbench.limits(plan, Duration.ofMinutes(1), Duration.ZERO);
        try (Connection reader = bench.database.connect();
                Application application = Application.running(bench.database, "SELECT count(*) FROM items")) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("SELECT count(*) FROM items");
            assertThatThrownBy(() -> bench.run(plan, Direction.FORWARD, limits))
                    .hasMessageContaining("did not get its lock in 8 attempts");
            assertThat(application.longestStall())
                    .isLessThan(BUDGET.multipliedBy(7).dividedBy(10));
            assertThat(bench.heard.blockers).isNotEmpty();
        }
    }

    @Test
    void anIndexIsBuiltConcurrentlyWhileTheApplicationWorksAndAnOldSnapshotHoldsItUp() throws Exception {
        Plan plan = Workbench.plan(
                BUDGET,
                1,
                Workbench.autocommit(
                        "CREATE INDEX CONCURRENTLY items_amount ON items (amount)",
                        Inverse.transaction("DROP INDEX items_amount")));
        try (Connection old = bench.database.connect();
                Application application =
                        Application.running(bench.database, "UPDATE items SET amount = amount + 1 WHERE id = 1")) {
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            old.createStatement().execute("SELECT count(*) FROM items");
            CompletableFuture<Boolean> built = CompletableFuture.supplyAsync(() -> runs(plan), Workbench.THREADS);
            Awaitility.await()
                    .pollDelay(BUDGET.multipliedBy(3))
                    .untilAsserted(() -> assertThat(application.statements()).isGreaterThan(100));
            assertThat(built).isNotDone();
            old.rollback();
            assertThat(built.get()).isTrue();
            assertThat(application.longestStall()).isLessThan(BUDGET);
        }
        assertThat(bench.database.ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'items_amount'::regclass"))
                .isIn("t", "true");
    }

    private boolean runs(Plan plan) {
        try {
            bench.run(plan, Direction.FORWARD);
            return true;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatTheSessionDoesAfterTheAttemptIsNeverCancelled() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        Watchdog.Budget none = new Watchdog.Budget(Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1));
        try (Connection ours = bench.target.open(Session.writer("ours"));
                Connection control = bench.target.open(Session.reader("control"))) {
            int pid = pid(ours);
            Thread others = Thread.ofVirtual().start(() -> keepWaiting(stopping));
            int cancelled = 0;
            for (int i = 0; i < 100; i++) {
                cancelled += attempt(ours, control, pid, none, 0.02 + i * 0.0005) ? 1 : 0;
                try (Statement next = ours.createStatement()) {
                    next.execute("SELECT pg_sleep(0.005)"); // would throw
                }
            }
            stopping.set(true);
            others.join();
            assertThat(cancelled).as("attempts that were cancelled").isBetween(1, 100);
        }
    }

    private static int pid(Connection connection) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Whether it was cancelled. Ends about when the watchdog looks for the first time. */
    private static boolean attempt(Connection ours, Connection control, int pid, Watchdog.Budget budget, double seconds)
            throws SQLException {
        ours.setAutoCommit(false);
        try (Watchdog watchdog = Watchdog.start(control, pid, budget, null);
                Statement statement = ours.createStatement()) {
            try {
                statement.execute("LOCK TABLE items");
                statement.execute("SELECT pg_sleep(" + seconds + ")");
                ours.commit();
                watchdog.settled();
                return false;
            } catch (SQLException e) {
                watchdog.settled();
                assertThat(e.getSQLState()).isEqualTo("57014");
                ours.rollback();
                return true;
            }
        } finally {
            ours.setAutoCommit(true);
        }
    }

    private void keepWaiting(AtomicBoolean stopping) {
        try (Connection other = bench.database.connect();
                Statement statement = other.createStatement()) {
            while (!stopping.get()) {
                statement.execute("SELECT count(*) FROM items");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
