package dev.fermata.postgres.targets;

import java.time.Duration;
import java.util.Objects;

/**
 * What a session on a target is for, and how far it may go before the server stops it.
 *
 * @param applicationName what operators see in {@code pg_stat_activity}, such as {@code fermata execution wo-7}; the
 *     server keeps its first 63 bytes
 * @param lockTimeout longest wait for one lock; zero: no limit
 * @param statementTimeout longest time for one statement; zero: no limit
 * @param idleInTransactionTimeout longest pause inside a transaction, after which the server ends the session; zero: no
 *     limit
 */
public record Session(
        String applicationName,
        Access access,
        Rights rights,
        Duration lockTimeout,
        Duration statementTimeout,
        Duration idleInTransactionTimeout) {

    /** Whether the session may write. */
    public enum Access {
        /** Every transaction starts as READ ONLY. A seat belt, not a lock: the role's rights are the lock. */
        READ_ONLY,
        READ_WRITE
    }

    /** Whose rights the session has, and whose is what it makes. */
    public enum Rights {
        /** Those of the user that we log in as: it may have more to see, and may end and cancel its own sessions. */
        USER,
        /** Those of the target's role, where it names one. */
        ROLE
    }

    public Session {
        Objects.requireNonNull(applicationName, "applicationName");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(rights, "rights");
        requireMillis("lockTimeout", lockTimeout);
        requireMillis("statementTimeout", statementTimeout);
        requireMillis("idleInTransactionTimeout", idleInTransactionTimeout);
    }

    /** Looks, never writes: waits a second for a lock, runs a minute, idles a minute. As the user. */
    public static Session reader(String applicationName) {
        return new Session(
                applicationName,
                Access.READ_ONLY,
                Rights.USER,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(1));
    }

    /**
     * Changes what is the application's: waits a second for a lock, idles a minute; how long a statement may run is for the
     * caller to say. As the target's role.
     */
    public static Session writer(String applicationName) {
        return writer(applicationName, Rights.ROLE);
    }

    /** Changes what is not the application's but the server's, such as databases beside it. Else as a writer. As the user. */
    public static Session keeper(String applicationName) {
        return writer(applicationName, Rights.USER);
    }

    private static Session writer(String applicationName, Rights rights) {
        return new Session(
                applicationName,
                Access.READ_WRITE,
                rights,
                Duration.ofSeconds(1),
                Duration.ZERO,
                Duration.ofMinutes(1));
    }

    public Session withLockTimeout(Duration limit) {
        return new Session(applicationName, access, rights, limit, statementTimeout, idleInTransactionTimeout);
    }

    public Session withStatementTimeout(Duration limit) {
        return new Session(applicationName, access, rights, lockTimeout, limit, idleInTransactionTimeout);
    }

    public Session withIdleInTransactionTimeout(Duration limit) {
        return new Session(applicationName, access, rights, lockTimeout, statementTimeout, limit);
    }

    private static void requireMillis(String what, Duration limit) {
        if (limit.isNegative() || limit.toMillis() > Integer.MAX_VALUE || (limit.toMillis() == 0 && !limit.isZero())) {
            throw new IllegalArgumentException(what + ": " + limit + " (expected: zero, or 1 ms to 24 days)");
        }
    }
}
