package dev.fermata.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.LockSupport;

/** A long report and a session that was left idle in its transaction: both have read the table and keep it locked. */
final class InTheWay {
    private final Thread reader;
    private final Thread idle;

    InTheWay(ApplicationLoad.Connecting connecting, double seconds) {
        reader = Thread.ofPlatform()
                .start(() ->
                        hold(connecting, "SELECT pg_sleep(" + seconds + ") FROM (SELECT FROM orders LIMIT 1) AS o"));
        idle = Thread.ofPlatform().start(() -> hold(connecting, "SELECT pg_sleep(" + seconds / 2 + ")"));
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

    private static void awaitHeld(ApplicationLoad.Connecting connecting) {
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
                LockSupport.parkNanos(5_000_000);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("cannot see who is in the way", e);
        }
    }

    void awaitGone() throws InterruptedException {
        reader.join();
        idle.join();
    }
}
