package dev.fermata.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * An application at work: at a steady pace it reads an order, changes one and adds one. It keeps a journal of what it added,
 * and how long each small transaction took.
 */
final class ApplicationLoad {
    private static final int SESSIONS = 4;
    private static final long EVERY_NANOS = 5_000_000;

    /** Whoever gives connections to one database. */
    interface Connecting {
        Connection connect() throws SQLException;
    }

    private final Connecting connecting;
    private final int rows;
    private final Histogram micros = new ConcurrentHistogram(3);
    private final Queue<Long> added = new ConcurrentLinkedQueue<>();
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final AtomicLong nextCode;
    private final AtomicLongArray done = new AtomicLongArray(SESSIONS);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    ApplicationLoad(Connecting connecting, int rows) {
        this.connecting = connecting;
        this.rows = rows;
        this.nextCode = new AtomicLong(10L * rows);
    }

    ApplicationLoad start() {
        for (int i = 0; i < SESSIONS; i++) {
            int seed = i;
            threads.add(Thread.ofPlatform().name("load-" + i).start(() -> work(seed, new SplittableRandom(seed))));
        }
        return this;
    }

    private void work(int session, SplittableRandom random) {
        try (Connection connection = connecting.connect()) {
            long due = System.nanoTime();
            while (!stopped) {
                due += EVERY_NANOS;
                LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
                long begin = System.nanoTime();
                transaction(connection, random);
                micros.recordValue((System.nanoTime() - begin) / 1000);
                done.incrementAndGet(session);
                due = Math.max(due, System.nanoTime() - 20 * EVERY_NANOS);
            }
        } catch (SQLException e) {
            errors.add(e.getSQLState() + " " + e.getMessage());
        }
    }

    private void transaction(Connection connection, SplittableRandom random) throws SQLException {
        int id = 1 + random.nextInt(rows);
        switch (random.nextInt(3)) {
            case 0 -> run(connection, "SELECT amount FROM orders WHERE id = " + id);
            case 1 -> run(connection, "UPDATE orders SET amount = amount + 1 WHERE id = " + id);
            default -> add(connection);
        }
    }

    /** Without prepared plans, as a type changes under them; an ordinary application plans again by itself. */
    private static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void add(Connection connection) throws SQLException {
        String sql = "INSERT INTO orders (customer_id, status, amount, note, code) VALUES (1, 'new', 1, 'by the load', "
                + nextCode.incrementAndGet() + ") RETURNING id";
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            added.add(row.getLong(1));
        }
    }

    /** Forgets how long things took so far. */
    void measureFromNow() {
        micros.reset();
    }

    /** Waits for what is under way now, which may have been kept waiting by what is measured. */
    void finishWhatIsUnderWay() {
        for (int session = 0; session < SESSIONS; session++) {
            long was = done.get(session);
            while (done.get(session) == was && threads.get(session).isAlive()) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    double longestMillis() {
        return micros.getMaxValue() / 1000.0;
    }

    double p99Millis() {
        return micros.getValueAtPercentile(99) / 1000.0;
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    /** How many of the rows in the journal are not in the table. */
    long missing() throws SQLException {
        try (Connection connection = connecting.connect();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT count(*) FROM unnest(?::bigint[]) AS j (id) WHERE NOT EXISTS (SELECT FROM orders AS o"
                                + " WHERE o.id = j.id AND o.note LIKE 'by the load%')")) {
            select.setArray(1, connection.createArrayOf("bigint", added.toArray()));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    int added() {
        return added.size();
    }

    void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
