package dev.fermata.execution.ledger;

import dev.fermata.contracts.id.RunId;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The schema {@code fermata} in the target. A step of kind transaction is recorded in its own transaction, so the ledger is
 * never wrong about it; the others say {@code started} first. Methods run in the transaction of the caller.
 *
 * <pre>
 * run_id                    | direction | step | state | checkpoint     | rows   | attempts
 * wo_01J.../shop            | forward   | 1    | done  |                | -1     | 1
 * wo_01J.../shop            | forward   | 2    | started | 85000/200000 | 85000  | 1
 * </pre>
 */
public final class Ledger {
    private static final String FORWARD = "forward";
    private static final String UNDO = "undo";
    private static final int UNITS_OF_A_STEP = 1000;

    /** What the server says to whoever comes second, where somebody makes the same without our lock. */
    private static final Set<Trouble> MADE_MEANWHILE = Set.of(Trouble.DUPLICATE_OBJECT, Trouble.CONSTRAINT_VIOLATION);

    /** The row that holds what the target was like before the first step. */
    private static final int BASELINE = 0;

    private final Scope scope;

    public Ledger(Scope scope) {
        this.scope = scope;
    }

    /** As {@link #create} in a transaction of its own, where something is missing. The connection is in autocommit mode. */
    public static void createIfMissing(Connection connection) throws SQLException {
        if (exists(connection)) {
            return;
        }
        try {
            createInTransaction(connection);
        } catch (SQLException e) {
            if (!MADE_MEANWHILE.contains(Trouble.of(e)) || !exists(connection)) {
                throw e;
            }
        }
    }

    private static void createInTransaction(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            create(connection);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Creates what is missing. Idempotent; two at once do not disturb each other. */
    public static void create(Connection connection) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtext('fermata ledger'))")) {
            lock.execute();
        }
        try (Statement ddl = connection.createStatement()) {
            // IF NOT EXISTS asks for the right to create schemas first, which who was given these two need not have.
            for (String schema : List.of("fermata", "fermata_attic")) {
                if (!hasSchema(connection, schema)) {
                    ddl.execute("CREATE SCHEMA " + schema);
                }
            }
            ddl.execute("""
                CREATE TABLE IF NOT EXISTS fermata.fence (
                    run_id text PRIMARY KEY, epoch bigint NOT NULL, token bigint NOT NULL,
                    taken_at timestamptz NOT NULL DEFAULT now())
                """);
            ddl.execute("""
                CREATE TABLE IF NOT EXISTS fermata.ledger (
                    order_id text NOT NULL, revision int NOT NULL, run_id text NOT NULL, direction text NOT NULL,
                    step int NOT NULL, epoch bigint NOT NULL, digest text NOT NULL, state text NOT NULL,
                    checkpoint text, started timestamptz NOT NULL DEFAULT now(), finished timestamptz,
                    rows bigint NOT NULL DEFAULT -1, lock_wait_millis bigint NOT NULL DEFAULT 0,
                    attempts int NOT NULL DEFAULT 0,
                    PRIMARY KEY (run_id, revision, direction, step))
                """);
            ddl.execute("""
                CREATE TABLE IF NOT EXISTS fermata.pace (
                    run_id text NOT NULL, revision int NOT NULL, sequence bigint NOT NULL, percent int NOT NULL,
                    reason text NOT NULL, ordered_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (run_id, revision))
                """);
        }
    }

    /**
     * Reads the table of schemas. What {@code to_regnamespace} says may be remembered from before the lock was waited for, when
     * somebody else had not made it yet (PostgreSQL source, catcache.c: what is not there is cached, too).
     */
    private static boolean hasSchema(Connection connection, String name) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ?)")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /** Whether the schema is there, so that a worker need not own the right to create it each time. */
    public static boolean exists(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT to_regclass('fermata.ledger') IS NOT NULL AND to_regclass('fermata.fence') IS NOT NULL"
                                + " AND to_regclass('fermata.pace') IS NOT NULL"
                                + " AND to_regnamespace('fermata_attic') IS NOT NULL");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** A query for people and programs that returns true once the step is done, and false when it is taken back. */
    public static String proof(RunId run, int revision, int step) {
        return "SELECT EXISTS (SELECT FROM fermata.ledger WHERE run_id = '" + run + "' AND revision = " + revision
                + " AND direction = '" + FORWARD + "' AND step = " + step + " AND state = '" + Entry.State.DONE + "')";
    }

    /** Steps of the plan that were ever begun, by number. */
    public Map<Integer, Entry> forward(Connection connection) throws SQLException {
        return entries(connection, FORWARD);
    }

    /** Steps of the author's rollback that were ever begun, by number. */
    public Map<Integer, Entry> back(Connection connection) throws SQLException {
        return entries(connection, "back");
    }

    private Map<Integer, Entry> entries(Connection connection, String direction) throws SQLException {
        String sql = """
            SELECT step, state, checkpoint, rows FROM fermata.ledger
            WHERE run_id = ? AND revision = ? AND direction = ? AND step > 0
            """;
        Map<Integer, Entry> entries = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, scope.run().toString());
            select.setInt(2, scope.revision());
            select.setString(3, direction);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entries.put(
                            rows.getInt("step"),
                            new Entry(
                                    rows.getInt("step"),
                                    Entry.State.valueOf(rows.getString("state")),
                                    rows.getString("checkpoint"),
                                    rows.getLong("rows")));
                }
            }
        }
        return entries;
    }

    /** Where a step of the plan is now. */
    public void record(
            Connection connection,
            int step,
            Entry.State state,
            @Nullable String checkpoint,
            long rows,
            Duration lockWait,
            int attempts)
            throws SQLException {
        record(connection, FORWARD, step, state, checkpoint, rows, lockWait, attempts);
    }

    /** A step of the author's rollback took effect, or begins. */
    public void recordBack(Connection connection, int step, Entry.State state, int attempts) throws SQLException {
        record(connection, "back", step, state, null, -1, Duration.ZERO, attempts);
    }

    private void record(
            Connection connection,
            String direction,
            int step,
            Entry.State state,
            @Nullable String checkpoint,
            long rows,
            Duration lockWait,
            int attempts)
            throws SQLException {
        String sql = """
            INSERT INTO fermata.ledger AS old (order_id, revision, run_id, direction, step, epoch, digest, state,
                checkpoint, finished, rows, lock_wait_millis, attempts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CASE WHEN ? THEN clock_timestamp() END, ?, ?, ?)
            ON CONFLICT (run_id, revision, direction, step) DO UPDATE SET epoch = excluded.epoch, digest = excluded.digest,
                state = excluded.state, checkpoint = excluded.checkpoint, finished = excluded.finished,
                rows = excluded.rows, lock_wait_millis = old.lock_wait_millis + excluded.lock_wait_millis,
                attempts = old.attempts + excluded.attempts
            """;
        boolean finished = state == Entry.State.DONE || state == Entry.State.UNDONE;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, scope.run().order().value());
            upsert.setInt(2, scope.revision());
            upsert.setString(3, scope.run().toString());
            upsert.setString(4, direction);
            upsert.setInt(5, step);
            upsert.setLong(6, scope.epoch());
            upsert.setString(7, scope.digest());
            upsert.setString(8, state.name());
            upsert.setString(9, checkpoint);
            upsert.setBoolean(10, finished);
            upsert.setLong(11, rows);
            upsert.setLong(12, lockWait.toMillis());
            upsert.setInt(13, attempts);
            upsert.executeUpdate();
        }
    }

    /** Units of inverses that were ever begun, of the steps that are being taken back; by number of the step and unit. */
    public Map<Integer, Entry> undo(Connection connection) throws SQLException {
        return entries(connection, UNDO);
    }

    /** Under which number the ledger has the unit of an inverse. */
    public static int undoNumber(int step, int part) {
        return step * UNITS_OF_A_STEP + part;
    }

    /** Where the unit of an inverse is now; the step itself counts as being taken back. */
    public void recordUndo(
            Connection connection,
            int step,
            int part,
            Entry.State state,
            @Nullable String checkpoint,
            long rows,
            Duration lockWait,
            int attempts)
            throws SQLException {
        setState(connection, step, Entry.State.UNDOING);
        record(connection, UNDO, undoNumber(step, part), state, checkpoint, rows, lockWait, attempts);
    }

    /** The step is taken back altogether; its inverse may run again one day. */
    public void recordUndone(Connection connection, int step) throws SQLException {
        setState(connection, step, Entry.State.UNDONE);
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM fermata.ledger WHERE run_id = ? AND revision = ? AND direction = ? AND step BETWEEN ? AND"
                        + " ?")) {
            delete.setString(1, scope.run().toString());
            delete.setInt(2, scope.revision());
            delete.setString(3, UNDO);
            delete.setInt(4, undoNumber(step, 0));
            delete.setInt(5, undoNumber(step, UNITS_OF_A_STEP - 1));
            delete.executeUpdate();
        }
    }

    private void setState(Connection connection, int step, Entry.State state) throws SQLException {
        String sql = """
            UPDATE fermata.ledger SET state = ?, epoch = ?,
                finished = CASE WHEN ? = 'UNDONE' THEN clock_timestamp() ELSE finished END
            WHERE run_id = ? AND revision = ? AND direction = ? AND step = ?
            """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, state.name());
            update.setLong(2, scope.epoch());
            update.setString(3, state.name());
            update.setString(4, scope.run().toString());
            update.setInt(5, scope.revision());
            update.setString(6, FORWARD);
            update.setInt(7, step);
            update.executeUpdate();
        }
    }

    /** The author's rollback may run again: the plan is about to go forward anew. */
    public void forgetBack(Connection connection) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM fermata.ledger WHERE run_id = ? AND revision = ? AND direction = 'back'")) {
            delete.setString(1, scope.run().toString());
            delete.setInt(2, scope.revision());
            delete.executeUpdate();
        }
    }

    /** What was kept about the target for this very plan; empty when nothing was. */
    public Optional<String> note(Connection connection, Note note) throws SQLException {
        String sql = """
            SELECT checkpoint FROM fermata.ledger
            WHERE run_id = ? AND revision = ? AND direction = ? AND step = ? AND digest = ?
            """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, scope.run().toString());
            select.setInt(2, scope.revision());
            select.setString(3, note.direction);
            select.setInt(4, BASELINE);
            select.setString(5, scope.digest());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        }
    }

    /** Keeps something about the target. */
    public void keep(Connection connection, Note note, String text) throws SQLException {
        record(connection, note.direction, BASELINE, Entry.State.DONE, text, -1, Duration.ZERO, 1);
    }

    /** What is kept beside the steps. */
    public enum Note {
        /** Catalog and answers before the first step. */
        BEFORE("before"),
        /** What the steps changed in the catalog. */
        CHANGED("changed"),
        /** What rested in the attic for the way back when the last step was done. */
        ATTIC("attic");

        private final String direction;

        Note(String direction) {
            this.direction = direction;
        }
    }
}
