package dev.fermata.runtime.bus;

import dev.fermata.runtime.store.ControlStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps the outbox on a thread of its own: at once when nudged, and now and then for what an outage or a crash left
 * behind. Measures what is left after each sweep.
 */
final class OutboxLoop implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(OutboxLoop.class);
    private static final Duration SWEEP_EVERY = Duration.ofMillis(200);
    private static final Duration MEASURE_EVERY = Duration.ofSeconds(2);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    private final ControlStore store;
    private final OutboxRelay relay;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile Backlog backlog = new Backlog(0, 0);
    private long measuredNanos = System.nanoTime() - MEASURE_EVERY.toNanos();

    private record Backlog(long pending, double oldestSeconds) {}

    OutboxLoop(String service, ControlStore store, OutboxRelay relay, MeterRegistry meters) {
        this.store = store;
        this.relay = relay;
        this.thread = Thread.ofPlatform().name(service + "-outbox").unstarted(this::run);
        Gauge.builder("fermata.outbox.pending", () -> backlog.pending())
                .description("Messages decided but not published yet")
                .tag("service", service)
                .register(meters);
        Gauge.builder("fermata.outbox.oldest", () -> backlog.oldestSeconds())
                .description("Age of the oldest message that is not published yet")
                .baseUnit("seconds")
                .tag("service", service)
                .register(meters);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (stopping.getCount() > 0) {
                relay.awaitNudge(sweep() ? SWEEP_EVERY : PAUSE_AFTER_FAILURE);
            }
            attempt(relay::drain);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean sweep() {
        boolean published = attempt(relay::drain);
        boolean measured = attempt(this::measure);
        return published && measured;
    }

    private static boolean attempt(Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("outbox not published; tried again");
            return false;
        }
    }

    private void measure() {
        long now = System.nanoTime();
        if (now - measuredNanos >= MEASURE_EVERY.toNanos()) {
            backlog = store.inTransaction(OutboxLoop::backlog);
            measuredNanos = now;
        }
    }

    private static Backlog backlog(Connection connection) throws SQLException {
        String sql = """
            SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(decided_at)), 0)
            FROM outbox WHERE sent_at IS NULL
            """;
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return new Backlog(row.getLong(1), row.getDouble(2));
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        relay.nudge();
        try {
            thread.join(Duration.ofSeconds(20));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
