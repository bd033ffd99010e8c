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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deadlocks with the application. Our sessions look for them sooner than it does, so that ours are the ones that lose. */
class DeadlockTest {
    private static final Duration BUDGET = Duration.ofSeconds(4);

    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                RealPostgres.shared(),
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 1000) AS n",
                "ANALYZE items",
                "CREATE TABLE others (id int)",
                """
                CREATE FUNCTION until_the_other_waits_for_us() RETURNS void LANGUAGE plpgsql AS '
                begin
                    while exists (select from pg_locks where locktype = ''advisory'' and objid = 7)
                        and not exists (select from pg_locks as w where not w.granted
                                        and pg_backend_pid() = any (pg_blocking_pids(w.pid))) loop
                        perform pg_sleep(0.001);
                    end loop;
                end'
                """);
        try (Connection admin = bench.database.connectAsSuperuser()) {
            admin.createStatement().execute("ALTER ROLE " + bench.database.user() + " SET deadlock_timeout = '20ms'");
        }
    }

    @AfterEach
    void close() {
        bench.close();
    }

    /** Takes the first lock, lets the plan run until it waits for that, then takes the second; the plan loses. */
    private void crossed(Plan plan, String first, String second) throws Exception {
        CompletableFuture<Void> run;
        try (Connection other = bench.database.connectAsSuperuser()) {
            other.createStatement().execute("SET deadlock_timeout = '1h'");
            other.setAutoCommit(false);
            other.createStatement().execute("SELECT pg_advisory_xact_lock(7)");
            other.createStatement().execute(first);
            run = Workbench.meanwhile(() -> bench.run(plan, Direction.FORWARD));
            Awaitility.await().until(() -> isMeeting());
            other.createStatement().execute(second);
            other.commit();
        }
        run.get();
        Awaitility.await("counted by the server").untilAsserted(() -> assertThat(
                        bench.database.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("1"));
    }

    /** Whether our session holds what it holds, and waits for the other to wait for that. */
    private boolean isMeeting() throws Exception {
        return !bench.database
                .askAll("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'fermata/%' AND wait_event ="
                        + " 'PgSleep'")
                .isEmpty();
    }

    @Test
    void aDeadlockIsGivenWayForLikeALockThatIsNotHadAndTheStepIsTriedAgain() throws Exception {
        Plan plan = Workbench.plan(
                BUDGET,
                5,
                Workbench.strong(
                        "public.items",
                        Inverse.transaction("ALTER TABLE items DROP COLUMN x"),
                        "ALTER TABLE items ADD COLUMN x int",
                        "SELECT until_the_other_waits_for_us()",
                        "ALTER TABLE others ADD COLUMN x int"));
        crossed(plan, "LOCK TABLE others", "LOCK TABLE items");
        assertThat(bench.heard.lines)
                .startsWith("started 1 forward", "blocked 1")
                .endsWith("completed 1 forward");
        assertThat(bench.database.ask("SELECT count(*) FROM information_schema.columns WHERE column_name = 'x'"))
                .isEqualTo("2");
    }

    @Test
    void aBatchThatEndsInADeadlockIsTriedAgainAndEveryRowIsChangedOnce() throws Exception {
        bench.database.execute(
                "CREATE FUNCTION meet() RETURNS trigger LANGUAGE plpgsql AS 'begin perform"
                        + " until_the_other_waits_for_us(); return new; end'",
                "CREATE TRIGGER meet BEFORE UPDATE ON items FOR EACH ROW WHEN (old.id = 499) EXECUTE FUNCTION meet()");
        crossed(
                Workbench.backfill(BUDGET, 1000),
                "UPDATE items SET amount = 0 WHERE id = 500",
                "UPDATE items SET amount = 0 WHERE id = 1");
        assertThat(bench.heard.lines).contains("blocked 1").endsWith("completed 1 forward");
        assertThat(bench.database.ask("SELECT count(*) FROM items WHERE amount = 1"))
                .isEqualTo("1000");
    }
}
