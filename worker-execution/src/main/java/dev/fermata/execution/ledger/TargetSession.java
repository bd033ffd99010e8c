package dev.fermata.execution.ledger;

import dev.fermata.postgres.context.Pooler;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one session that may write for a run. Opening it takes the run over: sessions of the order that an earlier attempt
 * left behind are ended and waited for, the advisory lock on the target is taken, and the fence is moved, so that whoever
 * had it before cannot write any more. Every transaction proves that the fence has not moved since.
 *
 * <p>The lock is polled, never waited for inside SQL: a waiting snapshot would deadlock with CREATE INDEX CONCURRENTLY.
 */
public final class TargetSession implements AutoCloseable {
    /** The advisory lock of a database: whoever changes it holds this. The bytes say "fermata". */
    private static final long LOCK = 0x6665726d617461L;

    private static final Logger LOGGER = LoggerFactory.getLogger(TargetSession.class);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration ORPHANS_WITHIN = Duration.ofSeconds(30);

    private final Scope scope;
    private final Connection connection;
    private final long token;

    private TargetSession(Scope scope, Connection connection, long token) {
        this.scope = scope;
        this.connection = connection;
        this.token = token;
    }

    /** Called while we wait for the target, so that the caller can give up. */
    @FunctionalInterface
    public interface Waiting {
        void check() throws InterruptedException;
    }

    /**
     * @param patience how long another order may hold the target
     * @throws FencedException when a later directive was here already
     * @throws PooledTargetException when the target is not reached directly
     * @throws TargetBusyException when patience ends
     * @throws TargetException when the target does not let us
     */
    public static TargetSession takeOver(TargetDatabase target, Scope scope, Duration patience, Waiting waiting)
            throws InterruptedException {
        Session session = Session.writer(scope.session("0")).withIdleInTransactionTimeout(Duration.ofSeconds(30));
        Connection connection = target.open(session);
        try {
            if (Pooler.isBetween(connection)) {
                throw new PooledTargetException(target.address().name());
            }
            Ledger.createIfMissing(connection);
            refuseIfFenced(connection, scope); // a late one must not end the session of whoever came after it
            endOrphans(target, connection, scope);
            waitForLock(connection, target.address().name(), patience, waiting);
            endOrphans(target, connection, scope); // one may have begun while we waited
            return new TargetSession(scope, connection, moveFence(connection, scope));
        } catch (SQLException e) {
            close(connection);
            throw TargetException.of(
                    "taking over the run on target '" + target.address().name() + "'", e);
        } catch (RuntimeException | InterruptedException e) {
            close(connection);
            throw e;
        }
    }

    private static void refuseIfFenced(Connection connection, Scope scope) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT 1 FROM fermata.fence WHERE run_id = ? AND epoch > ?")) {
            select.setString(1, scope.run().toString());
            select.setLong(2, scope.epoch());
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    throw new FencedException(scope);
                }
            }
        }
    }

    /** As the user: the server compares with whom a session logged in as, not with the role it acts as. */
    private static void endOrphans(TargetDatabase target, Connection connection, Scope scope)
            throws SQLException, InterruptedException {
        target.act(connection, Session.Rights.USER);
        endOrphans(connection, scope);
        target.act(connection, Session.Rights.ROLE);
    }

    private static void endOrphans(Connection connection, Scope scope) throws SQLException, InterruptedException {
        String sql = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND starts_with(application_name, ?)
            """;
        long deadline = System.nanoTime() + ORPHANS_WITHIN.toNanos();
        while (true) {
            int left = 0;
            try (PreparedStatement end = connection.prepareStatement(sql)) {
                end.setString(1, scope.sessionPrefix());
                try (ResultSet rows = end.executeQuery()) {
                    while (rows.next()) {
                        left++;
                    }
                }
            }
            if (left == 0) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new SQLException(left + " sessions of an earlier attempt do not end yet", "55006");
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    private static void waitForLock(Connection connection, String target, Duration patience, Waiting waiting)
            throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            waiting.check();
            try (PreparedStatement lock = connection.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
                lock.setLong(1, LOCK);
                try (ResultSet row = lock.executeQuery()) {
                    row.next();
                    if (row.getBoolean(1)) {
                        return;
                    }
                }
            }
            if (System.nanoTime() > deadline) {
                throw new TargetBusyException(target, patience);
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    private static long moveFence(Connection connection, Scope scope) throws SQLException {
        String sql = """
            INSERT INTO fermata.fence AS old (run_id, epoch, token) VALUES (?, ?, 1)
            ON CONFLICT (run_id) DO UPDATE SET epoch = excluded.epoch, token = old.token + 1, taken_at = now()
            WHERE old.epoch <= excluded.epoch RETURNING token
            """;
        try (PreparedStatement move = connection.prepareStatement(sql)) {
            move.setString(1, scope.run().toString());
            move.setLong(2, scope.epoch());
            try (ResultSet row = move.executeQuery()) {
                if (!row.next()) {
                    throw new FencedException(scope);
                }
                return row.getLong(1);
            }
        }
    }

    public Scope scope() {
        return scope;
    }

    /** In autocommit mode outside of {@link #inTransaction}. */
    public Connection connection() {
        return connection;
    }

    /** Work in a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** One transaction that begins by proving that the fence is still ours. Rolled back when the work throws. */
    public <T> T inTransaction(Work<T> work) throws SQLException {
        return inTransaction(work, () -> {});
    }

    /**
     * As {@link #inTransaction(Work)}.
     *
     * @param settled called once the transaction is committed or is about to be rolled back; whoever cancels what the
     *     session runs must not do so from then on
     */
    public <T> T inTransaction(Work<T> work, Runnable settled) throws SQLException {
        connection.setAutoCommit(false);
        try {
            proveFence();
            T result = work.run(connection);
            connection.commit();
            settled.run();
            return result;
        } catch (SQLException | RuntimeException | Error e) { // else autocommit, put back, would commit the half of it
            settled.run();
            rollback(e);
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    /** Work in a transaction that has no result. */
    @FunctionalInterface
    public interface Change {
        void run(Connection connection) throws SQLException;
    }

    /** As {@link #inTransaction}, for work without a result. */
    public void change(Change work) throws SQLException {
        inTransaction(c -> {
            work.run(c);
            return true;
        });
    }

    private void rollback(Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Throws {@link FencedException} when somebody else has taken over. Keeps the fence still until the transaction ends. */
    private void proveFence() throws SQLException {
        String sql = "SELECT 1 FROM fermata.fence WHERE run_id = ? AND epoch = ? AND token = ? FOR SHARE";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, scope.run().toString());
            select.setLong(2, scope.epoch());
            select.setLong(3, token);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new FencedException(scope);
                }
            }
        }
    }

    /** Shows operators which step the session is at. */
    public void nameStep(int step) throws SQLException {
        try (PreparedStatement name = connection.prepareStatement("SELECT set_config('application_name', ?, false)")) {
            name.setString(1, scope.session(Integer.toString(step)));
            name.execute();
        }
    }

    /** The process of the server that this session is. */
    public int backendPid() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT pg_backend_pid()");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    @Override
    public void close() {
        close(connection);
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session when it notices; whoever comes next ends it at once.
            LOGGER.atDebug().addKeyValue("error", e.getMessage()).log("session not closed in order");
        }
    }
}
