package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from a second session at what one of ours waits for while a statement runs: how long in all, and who is in the way.
 * Never reads what the others run.
 */
final class LockWatch implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LockWatch.class);
    private static final Duration EVERY = Duration.ofMillis(50);

    private final Connection observer;
    private final int pid;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile Duration waited = Duration.ZERO;
    private volatile List<Blocker> blockers = List.of();

    private LockWatch(Connection observer, int pid) {
        this.observer = observer;
        this.pid = pid;
        this.thread = Thread.ofVirtual().name("lock-watch-" + pid).unstarted(this::run);
    }

    static LockWatch start(Connection observer, int pid) {
        LockWatch watch = new LockWatch(observer, pid);
        watch.thread.start();
        return watch;
    }

    private void run() {
        try {
            while (!stopping.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                List<Blocker> now = look();
                if (!now.isEmpty()) {
                    waited = waited.plus(EVERY);
                    blockers = now;
                }
            }
        } catch (SQLException e) {
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("lock watch ended early");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Blocker> look() throws SQLException {
        String sql = """
            SELECT pid, application_name, coalesce(state, ''),
                   (1000 * extract(epoch FROM clock_timestamp() - coalesce(xact_start, backend_start)))::bigint
            FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids(?))
            """;
        List<Blocker> found = new ArrayList<>();
        try (PreparedStatement select = observer.prepareStatement(sql)) {
            select.setInt(1, pid);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(new Blocker(
                            rows.getInt(1), rows.getString(2), rows.getString(3), Duration.ofMillis(rows.getLong(4))));
                }
            }
        }
        return found;
    }

    Duration waited() {
        return waited;
    }

    List<Blocker> blockers() {
        return blockers;
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
