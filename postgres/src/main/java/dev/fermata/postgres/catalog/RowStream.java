package dev.fermata.postgres.catalog;

import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.OptionalLong;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/**
 * Rows on their way from one database into another. They stream through this process one network packet at a time; none of
 * them is kept, logged or part of an error.
 */
public final class RowStream {
    private RowStream() {}

    /**
     * Copies what {@code COPY from TO STDOUT} gives into {@code COPY into FROM STDIN}.
     *
     * @param source inside a transaction, which goes on whatever comes of it
     * @param table that {@code from} reads
     * @return how many rows; empty where the table is gone since the snapshot of the transaction was taken
     */
    public static OptionalLong copy(Connection source, QualifiedName table, String from, Connection clone, String into)
            throws SQLException {
        Savepoint before = source.setSavepoint();
        CopyOut rows;
        try {
            rows = copyManager(source).copyOut("COPY " + from + " TO STDOUT");
        } catch (SQLException e) {
            if (Trouble.of(e) == Trouble.CONNECTION_LOST) {
                throw e;
            }
            source.rollback(before);
            source.releaseSavepoint(before);
            if (isThere(source, table)) {
                throw e;
            }
            return OptionalLong.empty();
        }
        long copied = pump(rows, clone, "COPY " + into + " FROM STDIN");
        source.releaseSavepoint(before);
        return OptionalLong.of(copied);
    }

    private static boolean isThere(Connection source, QualifiedName table) throws SQLException {
        try (PreparedStatement select = source.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            select.setString(1, table.sql());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static long pump(CopyOut from, Connection clone, String copy) throws SQLException {
        try {
            return pump(from, copyManager(clone).copyIn(copy));
        } finally {
            if (from.isActive()) {
                from.cancelCopy();
            }
        }
    }

    private static long pump(CopyOut from, CopyIn into) throws SQLException {
        try {
            for (byte[] rows = from.readFromCopy(); rows != null; rows = from.readFromCopy()) {
                into.writeToCopy(rows, 0, rows.length);
            }
            return into.endCopy();
        } finally {
            if (into.isActive()) {
                into.cancelCopy();
            }
        }
    }

    private static CopyManager copyManager(Connection connection) throws SQLException {
        return connection.unwrap(PGConnection.class).getCopyAPI();
    }
}
