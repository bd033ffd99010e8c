package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.execution.step.Watchdog.Cancel;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Tries something until it got its locks, or for as long as the plan allows. A lock that is not had, a deadlock and a
 * cancel by our own watchdog are one and the same: it is given way for and tried again later. So is what the server did not
 * expect, such as a row of its catalog that another session changes, but a few times only. Before each attempt the
 * session waits outside of all queues for whoever would keep it waiting.
 */
final class Attempts {
    /** Of what an attempt may fail with, what another one may not meet; a row that moved to another partition is one of them. */
    private static final Set<Trouble> GIVES_WAY =
            Set.of(Trouble.LOCK_NOT_AVAILABLE, Trouble.DEADLOCK, Trouble.SERIALIZATION_FAILURE, Trouble.UNEXPECTED);

    /** Another session that changes the same row of the catalog is gone by then; a defect of the server is not. */
    private static final int UNEXPECTED_ATTEMPTS = 3;

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration TELL_EVERY = Duration.ofSeconds(5);
    private static final String CONNECTION_LOST = "08006";

    private final Connection control;
    private final int pid;
    private final Limits limits;
    private final StepListener listener;
    private final RandomGenerator random;

    private int unexpected;

    /** Who was seen in the way of the present attempt: by the watchdog, or where it was over too soon, by the lookout. */
    private List<Blocker> known = List.of();

    Attempts(Connection control, int pid, Limits limits, StepListener listener, RandomGenerator random) {
        this.control = control;
        this.pid = pid;
        this.limits = limits;
        this.listener = listener;
        this.random = random;
    }

    /** One attempt. It calls {@link Try#settled} as soon as nothing of it may be cancelled any more. */
    @FunctionalInterface
    interface Attempt {
        long run(Try attempt) throws SQLException;
    }

    /**
     * What an attempt should know.
     *
     * @param number from 1
     * @param waited how long the ones before waited in vain
     * @param lockTimeout zero: none
     * @param vacuumed tables, as SQL, that an autovacuum is to be moved out of first
     */
    record Try(int number, Duration waited, Duration lockTimeout, List<String> vacuumed, Runnable settled) {}

    /** How something waits for its locks. */
    enum Queueing {
        /** In the way of others: with a lock timeout. */
        SHORT,
        /** In nobody's way, so as long as it takes: CREATE INDEX CONCURRENTLY and the like. */
        PATIENT
    }

    /** Who says how far it is. */
    enum Telling {
        /** The server, where it counts what the statement does. */
        SERVER,
        /** The caller. */
        CALLER
    }

    /**
     * Runs the attempts.
     *
     * @throws SQLException when a connection is lost
     */
    StepResult run(Action action, Queueing queueing, Telling telling, Attempt attempt)
            throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        unexpected = 0;
        Lookout lookout = new Lookout(control, pid, action.locks());
        Duration waited = Duration.ZERO;
        Duration idle = Duration.ZERO; // outside and in pauses
        for (int number = 1; ; number++) {
            listener.checkPoint();
            long outside = System.nanoTime();
            List<String> vacuumed = waitOutside(action, number, lookout, waited.plus(idle));
            idle = idle.plus(since(outside));
            Duration timeout = queueing == Queueing.SHORT ? limits.timeout(number) : Duration.ZERO;
            SQLException failed;
            Watchdog.Look look =
                    telling == Telling.SERVER ? new StatementProgress(control, pid, action, listener)::look : null;
            try (Watchdog watchdog = Watchdog.start(control, pid, budget(timeout), look)) {
                try {
                    long rows = attempt.run(new Try(number, waited, timeout, vacuumed, watchdog::settled));
                    return new StepResult(since(begin), waited.plus(watchdog.waited()), rows, number, false);
                } catch (SQLException e) {
                    failed = e;
                }
                watchdog.stop();
                waited = waited.plus(watchdog.waited());
                idle = idle.plus(giveWay(action, number, begin, waited.plus(idle), failed, watchdog));
            }
        }
    }

    private Watchdog.Budget budget(Duration timeout) {
        Duration queue = timeout.isZero() ? limits.lockTimeout() : timeout;
        return new Watchdog.Budget(Limits.behindQueue(queue), limits.behindHeld(), limits.longestWait());
    }

    /** Looks who would keep us waiting, and waits for them without standing in anybody's way; not for ever. */
    private List<String> waitOutside(Action action, int number, Lookout lookout, Duration spent)
            throws SQLException, InterruptedException {
        Duration left = limits.total().minus(spent);
        long patience = (left.compareTo(limits.outside()) < 0 ? left : limits.outside()).toNanos();
        long from = System.nanoTime();
        long told = 0;
        while (true) {
            Lookout.Seen seen = lookout.look(limits.lockTimeout());
            known = seen.inTheWay();
            long now = System.nanoTime();
            if (seen.inTheWay().isEmpty() || now - from > patience) {
                return seen.vacuumed();
            }
            if (told == 0 || now - told > TELL_EVERY.toNanos()) {
                told = now;
                listener.blocked(
                        action.step(), action.direction(), number, limits.attempts(), LOOK_EVERY, seen.inTheWay());
            }
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
            listener.checkPoint();
        }
    }

    /**
     * Pauses before the next attempt, or throws when there is none.
     *
     * @param spent waiting, so far: how long it works once it has its locks does not count
     */
    private Duration giveWay(
            Action action, int number, long begin, Duration spent, SQLException failed, Watchdog watchdog)
            throws SQLException, StepFailedException, InterruptedException {
        Trouble trouble = Trouble.of(failed);
        if (trouble == Trouble.CONNECTION_LOST) {
            throw failed;
        }
        Cancel cancel = trouble == Trouble.CANCELLED ? watchdog.cancelled() : null;
        if (trouble == Trouble.UNEXPECTED) {
            unexpected++;
            known = List.of(); // nobody is in the way
        }
        if (cancel == null && (!GIVES_WAY.contains(trouble) || unexpected == UNEXPECTED_ATTEMPTS)) {
            throw failed(action, failed);
        }
        if (watchdog.lost()) {
            throw new SQLException("the control connection was lost", CONNECTION_LOST, failed);
        }
        if (!watchdog.blockers().isEmpty()) {
            known = watchdog.blockers();
        }
        Duration pause = limits.pause(number, random);
        boolean over = spent.plus(pause).compareTo(limits.total()) > 0 || cancel == Cancel.WAITED_TOO_LONG;
        if (trouble == Trouble.UNEXPECTED && (number >= limits.attempts() || over)) {
            throw failed(action, failed);
        }
        if (number >= limits.attempts() || over) {
            throw notHad(action, number, since(begin), cancel, known);
        }
        listener.blocked(action.step(), action.direction(), number, limits.attempts(), pause, known);
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        return pause;
    }

    private StepFailedException notHad(
            Action action, int attempts, Duration elapsed, @Nullable Cancel cancel, List<Blocker> blockers) {
        String tried = action.name() + " did not get its lock in " + attempts + " attempts of up to "
                + limits.lockTimeout().toMillis() + " ms, in " + elapsed.toSeconds() + " s; ";
        String message = cancel == Cancel.OTHERS_WAITED_FOR_WHAT_WE_HELD
                ? action.name() + " was given up after " + attempts + " attempts: it works longer under its lock than"
                        + " others can wait for it ("
                        + limits.lockTimeout().toMillis() + " ms)"
                : tried + Blockers.text(blockers);
        return new StepFailedException(
                action.step(),
                action.direction(),
                Failure.retryable("lock-not-available", message).withSqlState("55P03"));
    }

    static StepFailedException failed(Action action, SQLException e) {
        SafeMessage safe = SafeMessage.of(e);
        String message = action.name() + ": " + safe.text();
        Trouble trouble = Trouble.of(e);
        boolean ofTheServer = trouble == Trouble.DISK_FULL || trouble == Trouble.RESOURCES;
        Failure failure = (ofTheServer ? Failure.retryable("sql-error", message) : Failure.of("sql-error", message))
                .withSqlState(safe.sqlState());
        return new StepFailedException(action.step(), action.direction(), failure);
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
