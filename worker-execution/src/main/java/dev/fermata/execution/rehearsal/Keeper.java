package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session on the target that says by an advisory lock: the clone of this name is in use. It is idle and outside of any
 * transaction, so it holds up nobody; when the worker dies the server ends it, and the clone is anybody's to remove.
 */
final class Keeper implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(Keeper.class);

    /** First half of the lock's key. The bytes say "ferm". */
    private static final int LOCK = 0x6665726d;

    private static final int ENDS_WITHIN_MILLIS = 10_000;
    private static final int ANSWERS_WITHIN_SECONDS = 10;

    private final Connection connection;

    private Keeper(Connection connection) {
        this.connection = connection;
    }

    /**
     * Takes the name over: whoever had it is an earlier attempt of the same run, whose session is ended.
     *
     * @throws TargetException when the target does not let us
     */
    static Keeper takeOver(TargetDatabase origin, CloneName name, RunId run) {
        Keeper keeper = new Keeper(origin.open(session("fermata-clone/" + run.order())));
        try {
            keeper.stayAwake();
            origin.requireRole(keeper.connection);
            if (!keeper.take(name)) {
                keeper.endHolder(name);
                if (!keeper.take(name)) {
                    throw new CloneRefusedException("clone '" + name.text()
                            + "' is still in use by an earlier attempt, whose session does not end; try again");
                }
            }
            return keeper;
        } catch (SQLException e) {
            keeper.close();
            throw TargetException.of("taking over clone '" + name.text() + "'", e);
        } catch (RuntimeException e) {
            keeper.close();
            throw e;
        }
    }

    /** Empty when somebody uses the clone. */
    static Optional<Keeper> ifFree(TargetDatabase origin, CloneName name) throws SQLException {
        Keeper keeper = new Keeper(origin.open(session("fermata-clone/sweep")));
        boolean free = false;
        try {
            free = keeper.take(name);
            return free ? Optional.of(keeper) : Optional.empty();
        } finally {
            if (!free) {
                keeper.close();
            }
        }
    }

    private static Session session(String name) {
        return Session.keeper(name).withLockTimeout(Duration.ofSeconds(10));
    }

    private void stayAwake() throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute("SET idle_session_timeout = 0");
        }
    }

    private boolean take(CloneName name) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_try_advisory_lock(?, ?)")) {
            lock.setInt(1, LOCK);
            lock.setInt(2, name.lock());
            try (ResultSet row = lock.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private void endHolder(CloneName name) throws SQLException {
        String sql = """
            SELECT pg_terminate_backend(pid, ?) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND pid <> pg_backend_pid()
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND classid::bigint = ? AND objid::bigint = ?
            """;
        try (PreparedStatement end = connection.prepareStatement(sql)) {
            end.setLong(1, ENDS_WITHIN_MILLIS);
            end.setLong(2, Integer.toUnsignedLong(LOCK));
            end.setLong(3, Integer.toUnsignedLong(name.lock()));
            end.execute();
        }
    }

    /** On the target, in autocommit mode. */
    Connection connection() {
        return connection;
    }

    /** Whether it does still: a later attempt that takes the name over ends the session. */
    boolean keeps() {
        try {
            return connection.isValid(ANSWERS_WITHIN_SECONDS);
        } catch (SQLException e) {
            throw new IllegalStateException("the time to wait for an answer is never negative", e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session when it notices; until then the clone counts as in use.
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("session that kept a clone not closed in order");
        }
    }
}
