package dev.fermata.postgres.context;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Whether something that lends server processes is between a connection and its server. */
public final class Pooler {
    private Pooler() {}

    /** A pooler lends server processes per transaction, and announces another process number than the server has. */
    public static boolean isBetween(Connection connection) throws SQLException {
        int announced = connection.unwrap(PGConnection.class).getBackendPID();
        int first = process(connection);
        int second = process(connection);
        return first != second || first != announced;
    }

    private static int process(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT pg_catalog.pg_backend_pid()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
