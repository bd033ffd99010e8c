package dev.fermata.execution;

import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import dev.fermata.runtime.jobs.JobContext;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work on a target in the one session that may write. When the connection is lost, or something is in the way that may pass,
 * the work is begun again on a new one: the ledger tells it where to go on. A server that restarts, hands over to its standby, or has no connection left for us, is
 * waited for: the last is what a change that makes its application ill brings about, and taking it back is what helps.
 */
final class TargetWork {
    private static final Logger LOGGER = LoggerFactory.getLogger(TargetWork.class);

    /** What loses so many sessions may be the reason itself, such as a statement that makes the server crash. */
    private static final int SESSIONS = 6;

    private static final String TOO_MANY_CONNECTIONS = "53300";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final TargetDatabase target;
    private final Scope scope;
    private final JobContext context;
    private final Duration patience;
    private final Duration reconnectFor;
    private final Duration longestPause;

    TargetWork(TargetDatabase target, Scope scope, JobContext context, Duration patience, Duration reconnectFor) {
        this(target, scope, context, patience, reconnectFor, LONGEST_PAUSE);
    }

    /** @param longestPause between two sessions */
    TargetWork(
            TargetDatabase target,
            Scope scope,
            JobContext context,
            Duration patience,
            Duration reconnectFor,
            Duration longestPause) {
        this.longestPause = longestPause;
        this.target = target;
        this.scope = scope;
        this.context = context;
        this.patience = patience;
        this.reconnectFor = reconnectFor;
    }

    /** What is done with a session. */
    @FunctionalInterface
    interface OnSession<T> {
        T run(TargetSession session, Connection observer)
                throws SQLException, StepFailedException, IOException, InterruptedException;
    }

    /** What is done with a connection that only reads. */
    @FunctionalInterface
    interface OnConnection<T> {
        T run(Connection connection) throws SQLException;
    }

    <T> T run(OnSession<T> work) throws StepFailedException, IOException, InterruptedException {
        return again(tries -> {
            try (TargetSession session = TargetSession.takeOver(target, scope, patience, context::checkOwned);
                    Connection observer = target.open(
                            Session.reader("fermata-observer/" + scope.run().order()))) {
                tries.opened();
                return work.run(session, observer);
            }
        });
    }

    /** The same for what takes nothing over: it may be done by several at once. */
    <T> T read(Session session, OnConnection<T> work) throws StepFailedException, IOException, InterruptedException {
        return again(tries -> {
            try (Connection connection = target.open(session)) {
                tries.opened();
                return work.run(connection);
            }
        });
    }

    private interface Attempt<T> {
        T run(Tries tries) throws SQLException, StepFailedException, IOException, InterruptedException;
    }

    private <T> T again(Attempt<T> attempt) throws StepFailedException, IOException, InterruptedException {
        Tries tries = new Tries(longestPause);
        while (true) {
            context.checkOwned();
            TargetException lost;
            try {
                return attempt.run(tries);
            } catch (SQLException e) {
                lost = TargetException.of(
                        "working on target '" + target.address().name() + "'", e);
            } catch (TargetException e) {
                lost = e;
            }
            boolean refused = TOO_MANY_CONNECTIONS.equals(lost.safeMessage().sqlState());
            tries.ended(lost.trouble(), refused);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("asked to stop");
            }
            if (!lost.trouble().mayPass() || tries.areEnough(reconnectFor)) {
                throw lost;
            }
            LOGGER.atWarn()
                    .addKeyValue("runId", scope.run())
                    .addKeyValue("sessions", tries.sessions)
                    .addKeyValue("error", lost.getMessage())
                    .log("the work is tried again in a new session");
            tries.pause();
        }
    }

    /** How often there was a session, and since when there is none. */
    private static final class Tries {
        private int sessions;
        private boolean open;
        private long openedAt;
        private long unreachableSince = System.nanoTime();
        private final Duration longestPause;
        private Duration pause;

        Tries(Duration longestPause) {
            this.longestPause = longestPause;
            this.pause = first();
        }

        private Duration first() {
            return FIRST_PAUSE.compareTo(longestPause) < 0 ? FIRST_PAUSE : longestPause;
        }

        void opened() {
            sessions++;
            open = true;
            openedAt = System.nanoTime();
        }

        /**
         * A server that is away, or a lock that somebody holds, is waited for as long as it takes; of anything else there is
         * an end.
         *
         * @param refused for want of a further session; where that came at once it was as good as none
         */
        void ended(Trouble trouble, boolean refused) {
            boolean briefly = System.nanoTime() - openedAt < LONGEST_PAUSE.toNanos();
            boolean locked = trouble == Trouble.LOCK_NOT_AVAILABLE;
            boolean away = trouble == Trouble.CONNECTION_LOST || trouble == Trouble.RESOURCES;
            if (open && (locked || (refused && briefly))) {
                sessions--;
            } else if (open) {
                unreachableSince = System.nanoTime();
            } else if (!away && !locked) {
                sessions++;
            }
            if (open && !briefly) {
                pause = first();
            }
            open = false;
        }

        boolean areEnough(Duration reconnectFor) {
            return System.nanoTime() - unreachableSince > reconnectFor.toNanos() || sessions == SESSIONS;
        }

        void pause() throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
            pause = pause.multipliedBy(2).compareTo(longestPause) > 0 ? longestPause : pause.multipliedBy(2);
        }
    }
}
