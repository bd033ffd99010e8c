package dev.fermata.cli.launcher;

import dev.fermata.cli.launcher.DemoOrders.Disturbance;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Kills the execution worker at the worst moment. */
final class Disturber {
    private static final Duration LOOK_EVERY = Duration.ofMillis(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DemoWorld world;

    Disturber(DemoWorld world) {
        this.world = world;
    }

    /** Waits for the moment and kills; returns once the next worker process is being started. */
    void disturb(Disturbance disturbance, String order) throws SQLException, InterruptedException, TimeoutException {
        switch (disturbance) {
            case NONE -> {
                return;
            }
            case KILL_IN_INDEX_BUILD -> inIndexBuild(order);
            case KILL_IN_BATCHES -> inBatches(order);
        }
    }

    /** A report that reads for long keeps the index build waiting, as long reports do, so that there is a middle to hit. */
    private void inIndexBuild(String order) throws SQLException, InterruptedException, TimeoutException {
        try (Connection report = world.shop(DemoWorld.PRODUCTION);
                Connection observer = world.shop(DemoWorld.PRODUCTION)) {
            report.setAutoCommit(false);
            report.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement statement = report.createStatement()) {
                statement.execute("SELECT count(*) FROM products");
            }
            String running = """
                SELECT EXISTS (SELECT FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
                WHERE a.application_name LIKE ? AND a.query ILIKE 'CREATE INDEX CONCURRENTLY%' AND a.state = 'active')
                """;
            await(observer, running, "fermata/" + order + "/%");
            world.worker().killAndStartAgain();
            // The server notices within two seconds and breaks the build off, which leaves an INVALID index behind.
            String gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE ?)";
            await(observer, gone, "fermata/" + order + "/%");
            report.rollback();
        }
    }

    private void inBatches(String order) throws SQLException, InterruptedException, TimeoutException {
        try (Connection observer = world.shop(DemoWorld.PRODUCTION)) {
            String halfway = """
                SELECT EXISTS (SELECT FROM fermata.ledger WHERE order_id = ? AND direction = 'forward' AND step = 1
                AND state = 'STARTED' AND rows BETWEEN 20000 AND 150000)
                """;
            await(observer, halfway, order);
            world.worker().killAndStartAgain();
        }
    }

    private static void await(Connection observer, String sql, String parameter)
            throws SQLException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (PreparedStatement select = observer.prepareStatement(sql)) {
            select.setString(1, parameter);
            while (System.nanoTime() < deadline) {
                try (ResultSet row = select.executeQuery()) {
                    if (row.next() && row.getBoolean(1)) {
                        return;
                    }
                }
                TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
            }
        }
        throw new TimeoutException("the moment to kill did not come within " + PATIENCE.toSeconds() + " s");
    }
}
