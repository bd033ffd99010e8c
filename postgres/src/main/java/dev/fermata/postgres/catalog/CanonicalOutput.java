package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * Runs work in a transaction in which the server prints everything the same way: every name with its schema, every
 * constant in one format, nothing hidden by row level security.
 *
 * <p>On a connection in autocommit mode the work gets a REPEATABLE READ READ ONLY transaction of its own, one snapshot
 * for all its queries. Inside a transaction of the caller it sees that transaction's uncommitted changes, and the
 * settings are put back afterwards by a savepoint, which also undoes anything else that the work might have set.
 */
public final class CanonicalOutput {
    private static final String SETTINGS = """
        SELECT set_config('search_path', '', true),
               set_config('TimeZone', 'UTC', true),
               set_config('DateStyle', 'ISO, YMD', true),
               set_config('IntervalStyle', 'postgres', true),
               set_config('extra_float_digits', '3', true),
               set_config('bytea_output', 'hex', true),
               set_config('xmlbinary', 'base64', true),
               set_config('quote_all_identifiers', 'off', true),
               set_config('row_security', 'off', true),
               set_config('jit', 'off', true)
        """;

    /** Something that reads. */
    public interface Work<T> {
        T apply() throws SQLException;
    }

    private CanonicalOutput() {}

    /** Does the work as the class says; whatever it throws is thrown. */
    public static <T> T reading(Connection connection, Work<T> work) throws SQLException {
        return connection.getAutoCommit() ? inOwnTransaction(connection, work) : inSavepoint(connection, work);
    }

    /** As {@link #reading}; where the transaction is its own, what others disturb is read anew. */
    public static <T> T readingCatalog(Connection connection, Work<T> work) throws SQLException {
        return connection.getAutoCommit()
                ? Undisturbed.read(() -> inOwnTransaction(connection, work))
                : inSavepoint(connection, work);
    }

    private static <T> T inOwnTransaction(Connection connection, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            execute(connection, SETTINGS);
            return work.apply();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private static <T> T inSavepoint(Connection connection, Work<T> work) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            execute(connection, SETTINGS);
            return work.apply();
        } finally {
            connection.rollback(before);
            connection.releaseSavepoint(before);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
