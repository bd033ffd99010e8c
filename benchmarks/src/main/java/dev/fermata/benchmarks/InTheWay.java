package dev.fermata.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A long report and a session that was left idle in its transaction: both have read the table and keep it locked. */
final class InTheWay implements AutoCloseable {
    private final Thread reader;
    private final Thread idle;

    InTheWay(ApplicationLoad.Connecting connecting, double seconds) throws InterruptedException {
        reader = Thread.ofPlatform()
                .start(() ->
                        hold(connecting, "SELECT pg_sleep(" + seconds + ") FROM (SELECT FROM orders LIMIT 1) AS o"));
        idle = Thread.ofPlatform().start(() -> hold(connecting, "SELECT pg_sleep(" + seconds / 2 + ")"));
        Thread.onSpinWait();
        awaitHeld(connecting);
    }

    private static void hold(ApplicationLoad.Connecting connecting, String sql) {
        try (Connection connection = connecting.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET application_name = 'a long report'");
            statement.execute("SELECT FROM orders LIMIT 1");
            statement.execute(sql);
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException("the session in the way has failed", e);
        }
    }

    private static void awaitHeld(ApplicationLoad.Connecting connecting) throws InterruptedException {
        String sql = "SELECT count(DISTINCT pid) >= 2 FROM pg_locks WHERE relation = 'orders'::regclass AND pid IN"
                + " (SELECT pid FROM pg_stat_activity WHERE application_name = 'a long report')";
        try (Connection connection = connecting.connect();
                Statement statement = connection.createStatement()) {
            while (true) {
                try (var row = statement.executeQuery(sql)) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return;
                    }
                }
                Thread.sleep(5);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot see who is in the way", e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        reader.join();
        idle.join();
    }
}
