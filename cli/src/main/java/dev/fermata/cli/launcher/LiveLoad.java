package dev.fermata.cli.launcher;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The application: a few connections that read and write the shop at a steady pace, and measure what they feel. A request
 * that waits counts from when it was due, so that a stall is not hidden by the requests that it holds up.
 */
final class LiveLoad implements AutoCloseable {
    private static final Duration PACE = Duration.ofMillis(20);
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    /** Opens a connection of the application. */
    @FunctionalInterface
    interface Door {
        Connection open() throws SQLException;
    }

    /** What the application felt. */
    record Felt(long requests, long errors, Duration longestStall, Duration p99, Duration median) {}

    private final Door door;
    private final int customers;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private final AtomicLong errors = new AtomicLong();
    private final AtomicLong placed = new AtomicLong();
    private volatile String lastError = "";

    private LiveLoad(Door door, int customers) {
        this.door = door;
        this.customers = customers;
    }

    static LiveLoad start(String name, Door door, int customers, int connections) {
        LiveLoad load = new LiveLoad(door, customers);
        for (int i = 0; i < connections; i++) {
            long seed = i;
            Thread thread =
                    Thread.ofPlatform().name("load-" + name + "-" + i).daemon().unstarted(() -> load.run(seed));
            load.threads.add(thread);
            thread.start();
        }
        return load;
    }

    private void run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        while (stopping.getCount() > 0) {
            try (Connection connection = door.open()) {
                requests(connection, random);
            } catch (SQLException e) {
                errors.incrementAndGet();
                lastError = e.getSQLState() + " " + e.getMessage();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void requests(Connection connection, SplittableRandom random) throws SQLException, InterruptedException {
        long due = System.nanoTime();
        while (!stopping.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            if (random.nextInt(4) == 0) {
                placeOrder(connection, random);
            } else {
                readCustomer(connection, random);
            }
            micros.recordValue(Math.min(LONGEST_MICROS, (System.nanoTime() - due) / 1000));
            due += PACE.toNanos();
        }
    }

    private void placeOrder(Connection connection, SplittableRandom random) throws SQLException {
        String sql = """
            WITH placed AS (INSERT INTO orders (customer_id, total_cents) VALUES (?, ?) RETURNING id)
            INSERT INTO order_items (order_id, position, product_id, quantity) SELECT id, 1, ?, 1 FROM placed
            """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setLong(1, 1 + random.nextInt(customers));
            insert.setInt(2, 100 + random.nextInt(10_000));
            insert.setLong(3, 1 + random.nextInt(1_000));
            insert.executeUpdate();
            placed.incrementAndGet();
        }
    }

    private void readCustomer(Connection connection, SplittableRandom random) throws SQLException {
        String sql = "SELECT id, total_cents FROM orders WHERE customer_id = ? ORDER BY placed_at DESC LIMIT 10";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, 1 + random.nextInt(customers));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    rows.getLong(1);
                }
            }
        }
    }

    /** Orders that the database acknowledged. */
    long placed() {
        return placed.get();
    }

    /** What the last error was, empty when there was none. */
    String lastError() {
        return lastError;
    }

    Felt felt() {
        return new Felt(
                micros.getTotalCount(),
                errors.get(),
                Duration.ofNanos(micros.getMaxValue() * 1000),
                Duration.ofNanos(micros.getValueAtPercentile(99) * 1000),
                Duration.ofNanos(micros.getValueAtPercentile(50) * 1000));
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
