package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.postgres.context.Autovacuums;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks from the control connection at one attempt of ours while it runs: what it waits for, and who waits behind it. When
 * others have waited too long for a lock that we hold, or stand behind us in a queue, it cancels our statement; that is
 * sooner than the lock timeout, and works where a lock is held and no timeout counts.
 *
 * <p>A later statement of the session is never hit: once the attempt is {@link #settled} nothing is cancelled any more, and
 * a cancel that was sent is with the server by then, which drops it while the session is idle.
 *
 * <p>Reads {@code pg_locks}, which any role sees in full.
 */
final class Watchdog implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Watchdog.class);
    private static final Duration OFTEN = Duration.ofMillis(25);
    private static final Duration SELDOM = Duration.ofMillis(50);

    /**
     * Those who wait for a lock that we hold or queue for, longest first, and are behind us in its queue. Of those who only
     * wait for maintenance (VACUUM, ANALYZE, CREATE INDEX CONCURRENTLY and the like) to end, or for our snapshot to go, none
     * is the application: what it asks for itself does not conflict with them.
     */
    private static final String BEHIND = """
        WITH locks AS MATERIALIZED (SELECT * FROM pg_locks),
        waiting AS MATERIALIZED (
            SELECT w.pid, min(w.waitstart) AS since FROM locks AS ours JOIN locks AS w
            ON (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.transactionid, w.classid, w.objid,
                w.objsubid) IS NOT DISTINCT FROM (ours.locktype, ours.database, ours.relation, ours.page, ours.tuple,
                ours.virtualxid, ours.transactionid, ours.classid, ours.objid, ours.objsubid)
            WHERE ours.pid = ? AND w.pid <> ours.pid AND NOT w.granted AND w.locktype <> 'virtualxid'
              AND NOT (w.mode = 'ShareUpdateExclusiveLock' AND w.locktype = 'relation' AND ours.mode IN
                ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock', 'ShareUpdateExclusiveLock'))
            GROUP BY w.pid ORDER BY since NULLS LAST LIMIT 8)
        SELECT coalesce(1000 * extract(epoch FROM clock_timestamp() - since), 0)::bigint FROM waiting
        WHERE ? = ANY (pg_blocking_pids(waiting.pid))
          AND NOT EXISTS (SELECT 1 FROM pg_stat_get_activity(waiting.pid) AS a
                          WHERE %s)
        ORDER BY since NULLS LAST LIMIT 1
        """.formatted(Autovacuums.IS_ONE);

    private final Connection control;
    private final int pid;
    private final Budget budget;
    private final @Nullable Look look;
    private final long begin = System.nanoTime();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final ReentrantLock ending = new ReentrantLock();
    private final Thread thread;
    private boolean settled;
    private volatile boolean lost;
    private volatile @Nullable Cancel cancel;
    private volatile Duration waited = Duration.ZERO;
    private volatile List<Blocker> blockers = List.of();

    /**
     * What others, and we, may wait.
     *
     * @param behindQueue others, while we wait for a lock ourselves
     * @param behindHeld others, while we have what we need and work
     * @param own we, for one lock after the other
     */
    record Budget(Duration behindQueue, Duration behindHeld, Duration own) {
        /** Seldom enough not to be a load, often enough to be in time. */
        Duration every(boolean queueing) {
            long eighth = (queueing ? behindQueue : behindHeld).toMillis() / 8;
            return Duration.ofMillis(Math.clamp(eighth, OFTEN.toMillis(), SELDOM.toMillis()));
        }
    }

    /** Something else that is looked at meanwhile. */
    @FunctionalInterface
    interface Look {
        void look() throws SQLException;
    }

    /** Why our statement was cancelled. */
    enum Cancel {
        OTHERS_QUEUED_BEHIND_US,
        OTHERS_WAITED_FOR_WHAT_WE_HELD,
        WAITED_TOO_LONG
    }

    private Watchdog(Connection control, int pid, Budget budget, @Nullable Look look) {
        this.control = control;
        this.pid = pid;
        this.budget = budget;
        this.look = look;
        this.thread = Thread.ofVirtual().name("watchdog-" + pid).unstarted(this::run);
    }

    /** @param look called now and then from the thread that may use the control connection, for progress */
    static Watchdog start(Connection control, int pid, Budget budget, @Nullable Look look) {
        Watchdog watchdog = new Watchdog(control, pid, budget, look);
        watchdog.thread.start();
        return watchdog;
    }

    private void run() {
        Duration every = budget.every(true);
        try {
            while (!stopping.await(every.toMillis(), TimeUnit.MILLISECONDS)) {
                every = budget.every(watch(every));
            }
        } catch (SQLException e) {
            lost = true;
            LOGGER.atWarn()
                    .addKeyValue("pid", pid)
                    .addKeyValue("sqlState", e.getSQLState())
                    .log(
                            Trouble.of(e) == Trouble.CONNECTION_LOST
                                    ? "the control connection broke; the attempt goes on with its lock timeout alone"
                                    : "the server refuses what the watch asks for; the attempt goes on with its lock"
                                            + " timeout alone");
        } catch (RuntimeException e) {
            lost = true; // whoever was told of the progress does not listen any more
            LOGGER.atWarn()
                    .addKeyValue("pid", pid)
                    .addKeyValue("error", e.getMessage())
                    .log("the watch ended early");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether we wait for a lock ourselves. */
    private boolean watch(Duration every) throws SQLException {
        List<Integer> before = blockersOf();
        if (!before.isEmpty()) {
            waited = waited.plus(every);
            blockers = Blockers.of(control, before);
        }
        if (cancel != null) {
            return true; // once is enough; what is cancelled may take a moment to end
        }
        long stall = Math.min(
                longestBehind(), Duration.ofNanos(System.nanoTime() - begin).toMillis());
        boolean queueing = !before.isEmpty();
        Duration bearable = queueing ? budget.behindQueue() : budget.behindHeld();
        if (stall > 0 && stall + every.toMillis() >= bearable.toMillis()) {
            cancel(queueing ? Cancel.OTHERS_QUEUED_BEHIND_US : Cancel.OTHERS_WAITED_FOR_WHAT_WE_HELD);
        } else if (waited.compareTo(budget.own()) > 0) {
            cancel(Cancel.WAITED_TOO_LONG);
        } else if (look != null) {
            look.look();
        }
        return queueing;
    }

    private List<Integer> blockersOf() throws SQLException {
        List<Integer> pids = new ArrayList<>();
        try (PreparedStatement select =
                control.prepareStatement("SELECT DISTINCT b FROM unnest(pg_blocking_pids(?)) AS b")) {
            select.setInt(1, pid);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    pids.add(rows.getInt(1));
                }
            }
        }
        return pids;
    }

    /** Milliseconds; 0 when nobody waits for us. */
    private long longestBehind() throws SQLException {
        try (PreparedStatement select = control.prepareStatement(BEHIND)) {
            select.setInt(1, pid);
            select.setInt(2, pid);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Math.max(1, row.getLong(1)) : 0;
            }
        }
    }

    private void cancel(Cancel why) throws SQLException {
        ending.lock();
        try {
            if (settled) {
                return;
            }
            cancel = why;
            try (PreparedStatement stop = control.prepareStatement("SELECT pg_cancel_backend(?)")) {
                stop.setInt(1, pid);
                stop.execute();
            }
        } finally {
            ending.unlock();
        }
    }

    /** The attempt is over, one way or the other: what the session does from now on is not touched. */
    void settled() {
        ending.lock();
        try {
            settled = true;
        } finally {
            ending.unlock();
        }
    }

    /** Why our statement was cancelled; null when it was not. */
    @Nullable
    Cancel cancelled() {
        return cancel;
    }

    /** Whether the control connection is gone. */
    boolean lost() {
        return lost;
    }

    Duration waited() {
        return waited;
    }

    List<Blocker> blockers() {
        return blockers;
    }

    /** Ends the watch; what it saw can be asked for still. */
    void stop() {
        settled();
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
