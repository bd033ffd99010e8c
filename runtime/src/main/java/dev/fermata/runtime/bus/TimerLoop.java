package dev.fermata.runtime.bus;

import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.store.ControlStoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires timers that are due, each in its own transaction and by one instance of the service only; forgets what is
 * too old to matter. After a start it first lets the messages be read that came meanwhile, such as the sign of life whose
 * absence a timer would tell of. A timer that cannot be fired is put off for a while, so that it holds up no other. The time that counts
 * is the control database's.
 */
final class TimerLoop implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(TimerLoop.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration PRUNE_EVERY = Duration.ofMinutes(10);
    private static final Duration PUT_OFF = Duration.ofSeconds(10);
    private static final int BATCH = 100;

    /** Nothing may be assigned to this instance, or the broker may be away. */
    private static final Duration LONGEST_WAIT_FOR_MESSAGES = Duration.ofSeconds(60);

    /** Longer than the topics keep records: after a loss of the group's offsets all of them are read again. */
    private static final String MEMORY = "interval '400 days'";

    private final ControlStore store;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final TimerHandler handler;
    private final BooleanSupplier caughtUp;
    private final long begin = System.nanoTime();
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Counter fired;
    private long prunedNanos = System.nanoTime();

    private record Due(String key, String kind, String payload) {}

    /** @param caughtUp whether what the topics held at the start was read */
    TimerLoop(
            String service,
            ControlStore store,
            Transactions transactions,
            OutboxRelay relay,
            TimerHandler handler,
            BooleanSupplier caughtUp,
            MeterRegistry meters) {
        this.store = store;
        this.transactions = transactions;
        this.relay = relay;
        this.handler = handler;
        this.caughtUp = caughtUp;
        this.fired = meters.counter("fermata.timers.fired", "service", service);
        this.thread = Thread.ofPlatform().name(service + "-timers").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!stopping.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                tick();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean mayFire() {
        return caughtUp.getAsBoolean() || System.nanoTime() - begin > LONGEST_WAIT_FOR_MESSAGES.toNanos();
    }

    private void tick() {
        try {
            while (mayFire() && fireBatch() == BATCH && stopping.getCount() > 0) {
                // a full batch: there may be more
            }
            if (System.nanoTime() - prunedNanos > PRUNE_EVERY.toNanos()) {
                prunedNanos = System.nanoTime();
                store.inTransaction(TimerLoop::prune);
            }
        } catch (RuntimeException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("timers not fired; tried again");
        }
    }

    /** Returns how many were due. Each is fired, gone already or put off, so a full batch cannot come back at once. */
    private int fireBatch() {
        List<Due> due = store.inTransaction(TimerLoop::select);
        for (Due timer : due) {
            try {
                if (fire(timer)) {
                    fired.increment();
                }
            } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
                if (e instanceof ControlStoreException failed && failed.isOutage()) {
                    throw e;
                }
                LOGGER.atError()
                        .addKeyValue("key", timer.key())
                        .addKeyValue("kind", timer.kind())
                        .addKeyValue("retryMillis", PUT_OFF.toMillis())
                        .setCause(e)
                        .log("timer could not be fired; it is put off");
                store.inTransaction(connection -> putOff(connection, timer));
            }
        }
        if (!due.isEmpty()) {
            relay.nudge();
        }
        return due.size();
    }

    private static List<Due> select(Connection connection) throws SQLException {
        String sql = "SELECT key, kind, payload FROM timer WHERE due <= now() ORDER BY due LIMIT " + BATCH;
        List<Due> due = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                due.add(new Due(rows.getString("key"), rows.getString("kind"), rows.getString("payload")));
            }
        }
        return due;
    }

    private static int putOff(Connection connection, Due timer) throws SQLException {
        String sql = """
            UPDATE timer SET due = now() + ? * interval '1 millisecond' WHERE key = ? AND kind = ? AND due <= now()
            """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, PUT_OFF.toMillis());
            update.setString(2, timer.key());
            update.setString(3, timer.kind());
            return update.executeUpdate();
        }
    }

    /** Returns false when another instance fired it, or it was cancelled or started anew meanwhile. */
    private boolean fire(Due timer) {
        return transactions.inTransaction(null, unit -> {
            handler.lock(timer.key(), unit);
            String sql = """
                DELETE FROM timer WHERE ctid = (SELECT ctid FROM timer WHERE key = ? AND kind = ? AND due <= now()
                FOR UPDATE SKIP LOCKED)
                """;
            try (PreparedStatement delete = unit.connection().prepareStatement(sql)) {
                delete.setString(1, timer.key());
                delete.setString(2, timer.kind());
                if (delete.executeUpdate() == 0) {
                    return false;
                }
            }
            handler.fire(timer.key(), timer.kind(), timer.payload(), unit);
            return true;
        });
    }

    private static int prune(Connection connection) throws SQLException {
        int pruned = 0;
        for (String sql : List.of(
                "DELETE FROM outbox WHERE sent_at < now() - interval '1 day'",
                "DELETE FROM inbox WHERE received_at < now() - " + MEMORY,
                "DELETE FROM job WHERE state = 'done' AND accepted_at < now() - " + MEMORY)) {
            try (PreparedStatement delete = connection.prepareStatement(sql)) {
                pruned += delete.executeUpdate();
            }
        }
        return pruned;
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
