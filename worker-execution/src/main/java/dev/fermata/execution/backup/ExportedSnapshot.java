package dev.fermata.execution.backup;

import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * One moment of a database, which several sessions look at. It lasts as long as this session's transaction; those that
 * joined keep it for theirs.
 */
final class ExportedSnapshot implements AutoCloseable {
    /** Reading waits for nobody's DDL much longer than an application would; whoever holds it is named by the failure. */
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(10);

    private final TargetDatabase target;
    private final Session session;
    private final Connection connection;
    private final String id;

    private ExportedSnapshot(TargetDatabase target, Session session, Connection connection, String id) {
        this.target = target;
        this.session = session;
        this.connection = connection;
        this.id = id;
    }

    static ExportedSnapshot take(TargetDatabase target, String applicationName) throws SQLException {
        // A session may have nothing to do for hours while another one copies.
        Session session = Session.reader(applicationName)
                .withStatementTimeout(Duration.ZERO)
                .withIdleInTransactionTimeout(Duration.ZERO)
                .withLockTimeout(LOCK_PATIENCE);
        Connection connection = target.open(session);
        try {
            begin(connection);
            return new ExportedSnapshot(target, session, connection, export(connection));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static String export(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT pg_export_snapshot()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private static void begin(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    }

    /** The session that took it, inside its transaction. */
    Connection connection() {
        return connection;
    }

    /** What {@code SET TRANSACTION SNAPSHOT} and {@code pg_dump --snapshot} take. */
    String id() {
        return id;
    }

    /** Another session that sees the same; the caller closes it. */
    Connection join() throws SQLException {
        Connection other = target.open(session);
        try {
            begin(other);
            try (Statement statement = other.createStatement()) {
                statement.execute("SET TRANSACTION SNAPSHOT '" + id + "'");
            }
            return other;
        } catch (SQLException e) {
            other.close();
            throw e;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
