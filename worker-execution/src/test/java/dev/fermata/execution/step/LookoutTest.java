package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.backup.PackagedPostgres;
import dev.fermata.testsupport.RealPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it measures for how long others wait")
class LookoutTest {
    private static final Duration BUDGET = Duration.ofMillis(400);
    private static final Inverse INVERSE = Inverse.transaction("ALTER TABLE items DROP COLUMN x");

    private static final String LOCKS = "SELECT FROM pg_locks WHERE relation = to_regclass('items') AND ";

    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(RealPostgres.shared(), "CREATE TABLE items (id int PRIMARY KEY, amount int)");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Plan plan(int attempts) {
        return Workbench.plan(
                BUDGET, attempts, Workbench.strong("public.items", INVERSE, "ALTER TABLE items ADD COLUMN x int"));
    }

    private CompletableFuture<Boolean> start(Plan plan) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        bench.run(plan, Direction.FORWARD);
                        return true;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                Workbench.THREADS);
    }

    @Test
    void anOldTransactionIsWaitedForOutsideTheQueue() throws Exception {
        try (Connection old = bench.database.connect();
                Application application = Application.running(bench.database, "SELECT count(*) FROM items")) {
            old.setAutoCommit(false);
            old.createStatement().execute("SET LOCAL application_name = 'a long report'");
            old.createStatement().execute("SELECT count(*) FROM items");
            Awaitility.await().until(() -> isOld(old));
            CompletableFuture<Boolean> run = start(plan(2));
            Awaitility.await().until(() -> !bench.heard.blockers.isEmpty());
            assertThat(bench.heard.blockers.get(0).application()).isEqualTo("a long report");
            assertThat(bench.heard.blockers.get(0).state()).isEqualTo("idle in transaction");
            assertThat(bench.heard.blockers.get(0).age()).isGreaterThan(BUDGET);
            long before = application.statements();
            Awaitility.await().until(() -> application.statements() > before + 100);
            assertThat(application.longestStall())
                    .as("nobody stood in a queue behind us")
                    .isLessThan(BUDGET.dividedBy(2));
            old.rollback();
            assertThat(run.get()).isTrue();
        }
    }

    private static boolean isOld(Connection connection) throws Exception {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT clock_timestamp() - now() > interval '600 ms'")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Test
    void aTransactionOfARoleThatWeMayNotLookAtCountsAsOldWhenItIsSeenAgain() throws Exception {
        bench.database.execute("GRANT SELECT ON items TO PUBLIC");
        try (Connection old = bench.database.connectAsSuperuser()) {
            old.setAutoCommit(false);
            old.createStatement().execute("SELECT count(*) FROM items");
            CompletableFuture<Boolean> run = start(plan(4));
            Awaitility.await().until(() -> bench.heard.blockers.size() > 1);
            old.rollback();
            assertThat(run.get()).isTrue();
        }
    }

    @Test
    void aPreparedTransactionIsNamedAndAfterAWhileTheStepFails() throws Exception {
        try (RealPostgres server = RealPostgres.startOwn(Map.of("max_prepared_transactions", "5"));
                Workbench own = new Workbench(server, "CREATE TABLE items (id int)")) {
            own.database.execute("BEGIN; LOCK TABLE items IN ACCESS SHARE MODE; PREPARE TRANSACTION 'forgotten'");
            Limits limits = Workbench.limits(plan(2), Duration.ofSeconds(3), Duration.ofMillis(500));
            assertThatThrownBy(() -> own.run(plan(2), Direction.FORWARD, limits))
                    .isInstanceOfSatisfying(StepFailedException.class, e -> {
                        assertThat(e.failure().retryable()).isTrue();
                        assertThat(e.failure().message()).contains("did not get its lock", "a prepared transaction");
                    });
            own.database.execute("ROLLBACK PREPARED 'forgotten'");
        }
    }

    @Test
    void aDumpAtWorkIsNamedAndWaitedForOutsideTheQueue(@TempDir Path folder) throws Exception {
        Optional<Path> programs = PackagedPostgres.programs();
        assumeTrue(programs.isPresent(), "no PostgreSQL server with pg_dump in /usr/lib/postgresql: not tested");
        try (PackagedPostgres server = PackagedPostgres.start(programs.get(), folder.resolve("server"))) {
            server.execute(
                    "CREATE TABLE items (id int, note text)",
                    "INSERT INTO items SELECT n, repeat('x', 100) FROM generate_series(1, 10000) AS n");
            Process dump = server.dump();
            try {
                Awaitility.await().until(() -> server.holds(LOCKS + "granted"));
                Plan plan = plan(30);
                Heard heard = new Heard();
                CompletableFuture<Void> run = Workbench.meanwhile(() ->
                        Workbench.run(server.target(), plan, Direction.FORWARD, Limits.of(plan.settings()), 1, heard));
                Awaitility.await().until(() -> !heard.blockers.isEmpty());
                assertThat(heard.blockers).extracting(Blocker::application).containsOnly("pg_dump");
                assertThat(server.holds(LOCKS + "NOT granted"))
                        .as("a lock that is waited for")
                        .isFalse();
                assertThat(run).isNotDone();
                dump.destroyForcibly();
                run.get();
                assertThat(heard.lines).contains("completed 1 forward");
            } finally {
                dump.destroyForcibly();
            }
        }
    }

    @Test
    void anOrdinaryAutovacuumIsMovedOutOfTheWayByARoleThatMayNotLookIntoItWithoutHoldingUpTheApplication()
            throws Exception {
        Map<String, String> slow = Map.of(
                "autovacuum_naptime", "1s",
                "autovacuum_vacuum_cost_delay", "100ms",
                "autovacuum_vacuum_cost_limit", "1",
                "autovacuum_vacuum_threshold", "10",
                "autovacuum_vacuum_scale_factor", "0");
        try (RealPostgres server = RealPostgres.startOwn(slow);
                Workbench own = new Workbench(
                        server,
                        "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                        "INSERT INTO items SELECT n, n FROM generate_series(1, 50000) AS n",
                        "UPDATE items SET amount = 2")) {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> !own.database
                    .askAll("SELECT pid FROM pg_locks WHERE relation = 'items'::regclass AND mode ="
                            + " 'ShareUpdateExclusiveLock'")
                    .isEmpty());
            try (Application application =
                    Application.running(own.database, "UPDATE items SET amount = 3 WHERE id = -1")) {
                own.run(plan(3), Direction.FORWARD);
                assertThat(application.longestStall()).isLessThan(BUDGET);
            }
            assertThat(own.heard.lines).containsExactly("started 1 forward", "completed 1 forward");
        }
    }
}
