package dev.fermata.postgres.catalog;

import dev.fermata.postgres.targets.Trouble;
import java.sql.SQLException;
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

    /** For a definition that the server has no more, as the object is gone. */
    static SQLException gone(String object) {
        return new SQLException(object + " is dropped while the catalog is read", "XX000");
    }
}
