package dev.fermata.testsupport;

import dev.fermata.embedded.PostgresAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the superuser does in the database {@code postgres}: in one session for all tests, as long as the server lives. A
 * session takes longer to begin than most of what is done in it.
 */
final class Maintenance {
    private static final int SECONDS_TO_ANSWER = 10;

    private final Supplier<PostgresAddress> server;
    private @Nullable Connection kept;

    Maintenance(Supplier<PostgresAddress> server) {
        this.server = server;
    }

    /** Runs statements, each in a transaction of its own. */
    synchronized void execute(String... statements) throws SQLException {
        try (Statement statement = session().createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** As {@link #execute}, where no statement can fail. */
    void run(String... statements) {
        try {
            execute(statements);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The first column of all rows as text. */
    synchronized List<String> ask(String query) {
        try (Statement statement = session().createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> column = new ArrayList<>();
            while (rows.next()) {
                column.add(String.valueOf(rows.getString(1)));
            }
            return column;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Connection session() throws SQLException {
        Connection session = kept;
        if (session == null || !session.isValid(SECONDS_TO_ANSWER)) { // the server may have been restarted
            PostgresAddress address = server.get();
            session = DriverManager.getConnection(address.jdbcUrl("postgres"), address.superuser(), address.password());
            kept = session;
        }
        return session;
    }

    private IllegalStateException failed(SQLException e) {
        return new IllegalStateException("maintenance of test server " + server.get(), e);
    }
}
