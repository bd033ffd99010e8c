package dev.fermata.postgres.catalog;

import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a catalog that others change meanwhile. A transaction sees the rows of the catalog as of its snapshot, but the
 * functions that print definitions look at what is there now (PostgreSQL source, ruleutils.c): an object that is dropped in
 * between makes them fail, or say nothing. Then everything is read anew, with a new snapshot.
 */
public final class Undisturbed {
    private static final Set<Trouble> DISTURBED = Set.of(Trouble.UNEXPECTED, Trouble.UNDEFINED_OBJECT);

    /** What the snapshot has and is gone: whether it is visible is NULL then (PostgreSQL source, namespace.c). */
    private static final String GONE = """
        (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname !~ '^(pg_|fermata)'
            AND pg_table_is_visible(c.oid) IS NULL LIMIT 1)
        UNION ALL
        (SELECT 'function ' || quote_ident(p.proname) FROM pg_proc p
          WHERE p.oid >= 16384 AND pg_function_is_visible(p.oid) IS NULL LIMIT 1)
        UNION ALL
        (SELECT 'type ' || quote_ident(t.typname) FROM pg_type t
          WHERE t.oid >= 16384 AND t.typrelid = 0 AND t.typcategory <> 'A' AND pg_type_is_visible(t.oid) IS NULL LIMIT 1)
        """;

    private static final int ATTEMPTS = 20;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(500);

    private Undisturbed() {}

    /** Something that reads, and takes a new snapshot each time. */
    @FunctionalInterface
    public interface Reading<T> {
        T read() throws SQLException;
    }

    /** Where it is disturbed again and again it blocks for seven seconds and more, and then throws what it was disturbed by. */
    public static <T> T read(Reading<T> reading) throws SQLException {
        return read(reading, LONGEST_PAUSE);
    }

    static <T> T read(Reading<T> reading, Duration longestPause) throws SQLException {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                return reading.read();
            } catch (SQLException e) {
                if (attempt == ATTEMPTS
                        || !DISTURBED.contains(Trouble.of(e))
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.multipliedBy(2).compareTo(longestPause) < 0 ? pause.multipliedBy(2) : longestPause;
        }
    }

    /**
     * Fails where something is gone that the transaction still sees: parts of what was printed about it may be missing, and
     * names may be numbers.
     */
    static void requireAllThere(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(GONE)) {
            if (row.next()) {
                throw gone(row.getString(1));
            }
        }
    }

    /** For a definition that the server has no more, as the object is gone. */
    static SQLException gone(String object) {
        return new SQLException(object + " is dropped while the catalog is read", "XX000");
    }
}
