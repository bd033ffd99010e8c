package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.step.Brake.BrakeLimits;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes a data change stand still, each by the real thing, and that it goes on once that is over. */
class BrakesTest {
    private static final long MIB = 1 << 20;

    /** A second behind, 4 MiB behind, a MiB a second, two files. */
    private static final BrakeLimits LOW = new BrakeLimits(Duration.ofSeconds(1), 4 * MIB, MIB, 2);

    /** Writes WAL and nothing else. */
    private static final String WAL = "SELECT pg_logical_emit_message(false, 'test', repeat('x', 20000))";

    /** Without the WAL of other tests. */
    private static RealPostgres quiet;

    private final Told told = new Told();

    @BeforeAll
    static void startQuietServer() {
        quiet = RealPostgres.startOwn();
    }

    @AfterAll
    static void stopQuietServer() {
        quiet.close();
    }

    /** Rows that take long enough to be changed for a brake to be looked at meanwhile. */
    private static Workbench bench(RealPostgres server) throws Exception {
        return new Workbench(
                server,
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 1000) AS n",
                "ANALYZE items",
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'begin perform pg_sleep(0.001); return new;"
                        + " end'",
                "CREATE TRIGGER slow BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slow()");
    }

    private CompletableFuture<Void> start(Workbench bench) {
        Plan plan = Workbench.backfill(Duration.ofSeconds(1), 50);
        return Workbench.meanwhile(() -> bench.run(plan, Direction.FORWARD, Workbench.braked(plan, LOW), 1, told));
    }

    private static void asSuperuser(Workbench bench, String sql) throws SQLException {
        try (Connection admin = bench.database.connectAsSuperuser();
                Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void endsRight(Workbench bench, CompletableFuture<Void> running) throws Exception {
        running.get();
        assertThat(bench.database.ask("SELECT count(*) FROM items WHERE amount = 1"))
                .isEqualTo("1000");
    }

    @Test
    void aServerThatWritesTooMuchWal() throws Exception {
        try (Workbench bench = bench(quiet)) {
            CompletableFuture<Void> running;
            try (Application writer = Application.running(bench.database, WAL)) {
                Awaitility.await().until(() -> writer.statements() > 10);
                running = start(bench);
                told.awaitHeld("MiB of WAL a second");
                assertThat(running).isNotDone();
            }
            endsRight(bench, running);
        }
    }

    @Test
    void aStandbyThatDoesNotReplayAndOneThatIsGone() throws Exception {
        try (RealPostgres server = RealPostgres.startOwn();
                Workbench bench = bench(server)) {
            Optional<RealPostgres> started = server.startStandby("standby");
            assumeTrue(started.isPresent(), "servers in containers have no standby here: not tested");
            try (RealPostgres standby = started.get();
                    Application writer = Application.running(bench.database, WAL)) {
                CompletableFuture<Void> running = start(bench);
                told.awaitHeld("the lag of 1 of 1 standbys cannot be read; GRANT pg_monitor");
                asSuperuser(bench, "GRANT pg_monitor TO " + bench.database.user());
                standby.execute("SELECT pg_wal_replay_pause()");
                told.awaitHeld("a standby is ");
                assertThat(running).isNotDone();
                standby.stopImmediate();
                told.awaitHeld("of WAL for somebody who is away");
                assertThat(running).isNotDone();
                assertThat(writer.statements()).isPositive();
                writer.close();
                standby.startAgain();
                endsRight(bench, running);
            }
        }
    }

    @Test
    void anArchiverThatFailsAndOneThatFallsBehind() throws Exception {
        try (RealPostgres server = RealPostgres.startOwn(Map.of("archive_mode", "on"))) {
            archiveBy(server, "false");
            try (Workbench bench = bench(server)) {
                CompletableFuture<Void> running = start(bench);
                told.awaitHeld("the archiver fails");
                assertThat(running).isNotDone();
                archiveBy(server, "true");
                endsRight(bench, running);
            }
            for (int files = 0; files < 5; files++) {
                archiveBy(server, "sleep 1");
            }
            try (Workbench bench = bench(server)) {
                CompletableFuture<Void> running = start(bench);
                told.awaitHeld("WAL files wait to be archived");
                archiveBy(server, "true");
                endsRight(bench, running);
            }
        }
    }

    private static void archiveBy(RealPostgres server, String command) throws SQLException {
        server.execute(
                "ALTER SYSTEM SET archive_command = '" + command + "'",
                "SELECT pg_reload_conf()",
                "SELECT pg_logical_emit_message(true, 'test', 'something to archive')",
                "SELECT pg_switch_wal()");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_stat_replication", "pg_replication_slots", "pg_stat_archiver", "pg_locks"})
    void aSignThatCannotBeRead(String view) throws Exception {
        try (Workbench bench = bench(quiet)) {
            asSuperuser(bench, "REVOKE SELECT ON " + view + " FROM PUBLIC");
            CompletableFuture<Void> running = start(bench);
            told.awaitHeld("cannot be read (SQLSTATE 42501)");
            assertThat(bench.database.ask("SELECT count(*) FROM items WHERE amount = 1"))
                    .isEqualTo("0");
            asSuperuser(bench, "GRANT SELECT ON " + view + " TO PUBLIC");
            endsRight(bench, running);
        }
    }
}
