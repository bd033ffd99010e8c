package dev.fermata.execution.step;

import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.Attempts.Queueing;
import dev.fermata.execution.step.Attempts.Telling;
import dev.fermata.execution.step.Attempts.Try;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one action until it took effect or cannot. A lost connection is not dealt with here: what took effect is then for
 * the ledger, or the catalog, to say in a new session.
 */
final class StepRunner {
    /** Something of that name is there already (PostgreSQL documentation, appendix A). */
    private static final Set<String> TAKEN = Set.of("42P07", "42710");

    /** After which a waiting session has an autovacuum cancelled; the server's default is a second. */
    private static final String MOVE_AUTOVACUUM =
            "SELECT set_config('lock_timeout', (extract(epoch FROM current_setting('deadlock_timeout')::interval) *"
                    + " 1000 + 1000)::bigint::text, true)";

    private final TargetSession session;
    private final Connection control;
    private final Ledger ledger;
    private final Limits limits;
    private final StepListener listener;
    private final Attempts attempts;
    private final Attempts splittable;
    private final Gate gate;

    StepRunner(TargetSession session, Connection control, Limits limits, StepListener listener, RandomGenerator random)
            throws SQLException {
        this.session = session;
        this.control = control;
        this.ledger = new Ledger(session.scope());
        this.limits = limits;
        this.listener = listener;
        int pid = session.backendPid();
        this.attempts = new Attempts(control, pid, limits, listener, random);
        this.splittable = new Attempts(control, pid, limits.splittable(), listener, random);
        this.gate = new Gate(control, session.scope(), listener, limits.longestHold());
    }

    TargetSession session() {
        return session;
    }

    Connection control() {
        return control;
    }

    Ledger ledger() {
        return ledger;
    }

    StepListener listener() {
        return listener;
    }

    Limits limits() {
        return limits;
    }

    Gate gate() {
        return gate;
    }

    /** @param all whether all attempts of the plan are made; else few, as the work is split then */
    Attempts attempts(boolean all) {
        return all ? attempts : splittable;
    }

    /**
     * Runs the action.
     *
     * @param entry what the ledger says of it, null when it was never begun
     * @throws SQLException when the connection is lost
     */
    StepResult run(Action action, @Nullable Entry entry)
            throws SQLException, StepFailedException, InterruptedException {
        session.nameStep(action.step());
        return switch (action.kind()) {
            case TRANSACTION -> {
                passGate(action);
                yield transaction(action);
            }
            case AUTOCOMMIT -> {
                passGate(action);
                yield autocommit(action, entry != null);
            }
            case BATCHES -> new Batches(this, action).run(entry);
        };
    }

    private void passGate(Action action) throws SQLException, StepFailedException, InterruptedException {
        gate.pass(
                action,
                null,
                why -> listener.progressed(action.step(), action.direction(), new Progress(0, -1, "steps", null, why)));
    }

    private StepResult transaction(Action action) throws SQLException, StepFailedException, InterruptedException {
        return attempts.run(
                action,
                Queueing.SHORT,
                Telling.SERVER,
                attempt -> session.inTransaction(
                        connection -> {
                            moveAutovacuum(connection, attempt);
                            limit(connection, attempt);
                            long rows = execute(connection, action.sql());
                            action.recordDone(ledger, connection, null, rows, attempt.waited(), attempt.number());
                            listener.committing(action.step(), action.direction(), connection);
                            return rows;
                        },
                        attempt.settled()));
    }

    /**
     * An autovacuum that is in the way gives way once somebody has waited for it for deadlock_timeout, which is longer than
     * we may wait with the application behind us. So it is waited for with a lock that keeps no reader and no writer
     * waiting.
     */
    private static void moveAutovacuum(Connection connection, Try attempt) throws SQLException {
        if (attempt.vacuumed().isEmpty()) {
            return;
        }
        try (Statement lock = connection.createStatement()) {
            lock.execute(MOVE_AUTOVACUUM);
            for (String table : attempt.vacuumed()) {
                lock.execute("LOCK TABLE " + table + " IN SHARE UPDATE EXCLUSIVE MODE");
            }
        }
    }

    private StepResult autocommit(Action action, boolean begunBefore)
            throws SQLException, StepFailedException, InterruptedException {
        Reconciliation catalog = reconciliation(action);
        if (begunBefore && catalog.happened()) {
            session.change(connection -> {
                action.recordDone(ledger, connection, null, -1, Duration.ZERO, 0);
            });
            return StepResult.found(-1);
        }
        if (!begunBefore) {
            session.change(connection -> {
                action.recordBegun(ledger, connection, null, -1);
            });
        }
        StepResult result = attempt(action, catalog, begunBefore);
        session.change(connection -> {
            action.recordDone(ledger, connection, null, -1, result.lockWait(), result.attempts());
        });
        return result;
    }

    private StepResult attempt(Action action, Reconciliation catalog, boolean begunBefore)
            throws SQLException, StepFailedException, InterruptedException {
        AtomicInteger tried = new AtomicInteger();
        try {
            return attempts.run(
                    action, action.isPatient() ? Queueing.PATIENT : Queueing.SHORT, Telling.SERVER, attempt -> {
                        tried.set(attempt.number());
                        return single(action, catalog, attempt, begunBefore);
                    });
        } catch (StepFailedException e) {
            boolean isAnothers = TAKEN.contains(String.valueOf(e.failure().sqlState()));
            if (isAnothers && !begunBefore && tried.get() == 1) { // nothing of it is ours to take back
                session.change(connection -> {
                    action.recordNothing(ledger, connection);
                });
            }
            throw e;
        }
    }

    private long single(Action action, Reconciliation catalog, Try attempt, boolean begunBefore) throws SQLException {
        try {
            if ((begunBefore || attempt.number() > 1) && catalog.clearLeftovers()) {
                return -1;
            }
            limitSession(attempt.lockTimeout());
            return execute(session.connection(), action.sql());
        } finally {
            attempt.settled().run();
        }
    }

    /**
     * Removes what an autocommit statement that was cut off left behind.
     *
     * @return whether that brought it to its end
     */
    boolean clearLeftovers(Action action) throws SQLException, StepFailedException, InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        attempts.run(action, Queueing.PATIENT, Telling.SERVER, attempt -> {
            try {
                ended.set(reconciliation(action).clearLeftovers());
                return -1;
            } finally {
                attempt.settled().run();
            }
        });
        return ended.get();
    }

    /** For an autocommit statement. */
    Reconciliation reconciliation(Action action) {
        return new Reconciliation(action, session.scope(), session.connection());
    }

    /** The limits of the present transaction. */
    void limit(Connection connection, Try attempt) throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute(
                    "SET LOCAL lock_timeout = " + attempt.lockTimeout().toMillis() + "; SET LOCAL statement_timeout = "
                            + limits.statementTimeout().toMillis());
        }
    }

    private void limitSession(Duration lockTimeout) throws SQLException {
        try (Statement set = session.connection().createStatement()) {
            set.execute("SET lock_timeout = " + lockTimeout.toMillis());
            set.execute("SET statement_timeout = " + limits.statementTimeout().toMillis());
        }
    }

    /** Runs the statements and counts the rows they changed; -1 when none counts rows. */
    static long execute(Connection connection, List<String> statements) throws SQLException {
        long rows = -1;
        for (String sql : statements) {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                statement.execute(sql);
                long count = statement.getLargeUpdateCount();
                if (count > 0) {
                    rows = Math.max(rows, 0) + count;
                }
            }
        }
        return rows;
    }
}
