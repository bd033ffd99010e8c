package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs one action until it took effect or cannot. A lock that is not had within the budget is given way for and tried again
 * later, with jitter, as often as the plan allows. A lost connection is not dealt with here: what took effect is then for
 * the ledger to say, in a new session.
 */
final class StepRunner {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final TargetSession session;
    private final Connection observer;
    private final Ledger ledger;
    private final Plan.Settings settings;
    private final StepListener listener;
    private final RandomGenerator random;
    private final int pid;

    StepRunner(
            TargetSession session,
            Connection observer,
            Plan.Settings settings,
            StepListener listener,
            RandomGenerator random)
            throws SQLException {
        this.session = session;
        this.observer = observer;
        this.ledger = new Ledger(session.scope());
        this.settings = settings;
        this.listener = listener;
        this.random = random;
        this.pid = session.backendPid();
    }

    TargetSession session() {
        return session;
    }

    Ledger ledger() {
        return ledger;
    }

    StepListener listener() {
        return listener;
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
            case TRANSACTION -> transaction(action);
            case AUTOCOMMIT -> autocommit(action, entry != null);
            case BATCHES -> new Batches(this, action).run(entry);
        };
    }

    private StepResult transaction(Action action) throws SQLException, StepFailedException, InterruptedException {
        return attempts(
                action,
                settings.lockTimeout(),
                tries -> session.inTransaction(connection -> {
                    limit(connection, settings.lockTimeout());
                    long rows = execute(connection, action.sql());
                    action.recordDone(ledger, connection, null, rows, tries.waited(), tries.number());
                    listener.committing(action.step(), action.direction(), connection);
                    return rows;
                }));
    }

    private StepResult autocommit(Action action, boolean begunBefore)
            throws SQLException, StepFailedException, InterruptedException {
        if (begunBefore && Reconciliation.of(action, session.connection()).happened()) {
            session.change(connection -> {
                action.recordDone(ledger, connection, null, -1, Duration.ZERO, 0);
            });
            return StepResult.found(-1);
        }
        session.change(connection -> {
            action.recordBegun(ledger, connection, null, -1);
        });
        // A CONCURRENTLY statement waits for others without making anybody wait, so no lock budget applies.
        AtomicLong number = new AtomicLong();
        StepResult result = attempts(action, Duration.ZERO, tries -> {
            Reconciliation.of(action, session.connection()).clearLeftovers();
            limitSession(Duration.ZERO);
            number.set(tries.number());
            return execute(session.connection(), action.sql());
        });
        session.change(connection -> {
            action.recordDone(ledger, connection, null, -1, result.lockWait(), (int) number.get());
        });
        return result;
    }

    /** One attempt. */
    @FunctionalInterface
    interface Attempt {
        long run(Tries tries) throws SQLException;
    }

    /** Which attempt it is, from 1, and how long the ones before waited in vain. */
    record Tries(int number, Duration waited) {}

    StepResult attempts(Action action, Duration lockTimeout, Attempt attempt)
            throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        Duration waited = Duration.ZERO;
        for (int number = 1; ; number++) {
            listener.checkPoint();
            List<Blocker> blockers;
            SQLException failed;
            try (LockWatch watch = LockWatch.start(observer, pid)) {
                try {
                    long rows = attempt.run(new Tries(number, waited));
                    return new StepResult(since(begin), waited.plus(watch.waited()), rows, number, false);
                } catch (SQLException e) {
                    failed = e;
                    waited = waited.plus(watch.waited());
                    blockers = watch.blockers();
                }
            }
            Trouble trouble = Trouble.of(failed);
            if (trouble == Trouble.CONNECTION_LOST) {
                throw failed;
            }
            boolean locked = trouble == Trouble.LOCK_NOT_AVAILABLE || trouble == Trouble.DEADLOCK;
            if (!locked) {
                throw failed(action, failed);
            }
            if (number >= settings.lockAttempts()) {
                throw lockNotHad(action, lockTimeout, number, blockers);
            }
            Duration pause = pause(number);
            listener.blocked(action.step(), action.direction(), number, settings.lockAttempts(), pause, blockers);
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        }
    }

    private Duration pause(int number) {
        long longest = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(number - 1, 10));
        return Duration.ofMillis(longest / 2 + random.nextLong(longest / 2 + 1));
    }

    private static StepFailedException lockNotHad(
            Action action, Duration timeout, int attempts, List<Blocker> blockers) {
        String who = blockers.isEmpty()
                ? "nobody was seen in the way"
                : "in the way: pid " + blockers.get(0).pid() + " '"
                        + blockers.get(0).application() + "', "
                        + blockers.get(0).state() + ", in its transaction for "
                        + blockers.get(0).age().toSeconds() + " s";
        return new StepFailedException(
                action.step(),
                action.direction(),
                new Failure(
                        "lock-not-available",
                        "step " + action.step() + " did not get its lock in " + attempts + " attempts of "
                                + timeout.toMillis() + " ms; " + who,
                        true,
                        null,
                        null,
                        null,
                        "55P03",
                        List.of()));
    }

    static StepFailedException failed(Action action, SQLException e) {
        SafeMessage safe = SafeMessage.of(e);
        String which = action.direction() == Direction.FORWARD ? "step " : "taking back step ";
        Failure failure = Failure.of("sql-error", which + action.step() + ": " + safe.text())
                .withSqlState(safe.sqlState());
        return new StepFailedException(action.step(), action.direction(), failure);
    }

    /** The limits of the next transaction. */
    void limit(Connection connection, Duration lockTimeout) throws SQLException {
        try (Statement set = connection.createStatement()) {
            set.execute("SET LOCAL lock_timeout = " + lockTimeout.toMillis());
            set.execute("SET LOCAL statement_timeout = "
                    + settings.statementTimeout().toMillis());
        }
    }

    private void limitSession(Duration lockTimeout) throws SQLException {
        try (Statement set = session.connection().createStatement()) {
            set.execute("SET lock_timeout = " + lockTimeout.toMillis());
            set.execute("SET statement_timeout = " + settings.statementTimeout().toMillis());
        }
    }

    Duration lockTimeout() {
        return settings.lockTimeout();
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

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
