package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WraparoundTest {
    private static final Duration BUDGET = Duration.ofMillis(400);

    private static RealPostgres server;

    private final Told told = new Told();
    private Workbench bench;

    @BeforeAll
    static void start() {
        server = Wraparound.server();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                server,
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 1000) AS n");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private CompletableFuture<Void> start(Plan plan) {
        return Workbench.meanwhile(() -> bench.run(plan, Direction.FORWARD, Limits.of(plan.settings()), 1, told));
    }

    @Test
    void theBatchesStandStillForAnAutovacuumAgainstWraparoundAlsoWhereItsTaskIsHidden() throws Exception {
        CompletableFuture<Void> running;
        try (Wraparound vacuum = Wraparound.ofItems(bench.database)) {
            running = start(Workbench.backfill(BUDGET, 100));
            told.awaitHeld("an autovacuum against wraparound is at work on public.items");
            assertThat(running).isNotDone();
            assertThat(vacuum.isAtWork()).isTrue();
            assertThat(bench.database.ask("SELECT count(*) FROM items WHERE amount > 0"))
                    .isEqualTo("0");
        }
        running.get();
        assertThat(bench.database.ask("SELECT count(*) FROM items WHERE amount = 1"))
                .isEqualTo("1000");
    }

    @ParameterizedTest(name = "our role may look into it: {0}")
    @ValueSource(booleans = {true, false})
    void aStrongStepWaitsForItOutsideTheQueueAndNamesIt(boolean visible) throws Exception {
        if (visible) {
            try (Connection admin = bench.database.connectAsSuperuser()) {
                admin.createStatement().execute("GRANT pg_read_all_stats TO " + bench.database.user());
            }
        }
        CompletableFuture<Void> running;
        try (Wraparound vacuum = Wraparound.ofItems(bench.database)) {
            running = start(Workbench.plan(
                    BUDGET,
                    30,
                    Workbench.strong(
                            "public.items",
                            Inverse.transaction("ALTER TABLE items DROP COLUMN x"),
                            "ALTER TABLE items ADD COLUMN x int")));
            Awaitility.await().untilAsserted(() -> assertThat(told.blockers)
                    .extracting(blocker -> blocker.application())
                    .contains("autovacuum (to prevent wraparound)"));
            assertThat(bench.database.askAll("SELECT mode FROM pg_locks WHERE NOT granted"))
                    .as("locks that are waited for")
                    .isEmpty();
            assertThat(running).isNotDone();
            assertThat(vacuum.isAtWork()).isTrue();
        }
        running.get();
        assertThat(told.results).hasSize(1);
    }
}
