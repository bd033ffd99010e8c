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
 * Work on a target in the one session that may write. When the connection is lost the work is begun again on a new one, as
 * often as patience lasts: the ledger tells it where to go on.
 */
final class TargetWork {
    private static final Logger LOGGER = LoggerFactory.getLogger(TargetWork.class);
    private static final int SESSIONS = 6;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    private final TargetDatabase target;
    private final Scope scope;
    private final JobContext context;
    private final Duration patience;

    TargetWork(TargetDatabase target, Scope scope, JobContext context, Duration patience) {
        this.target = target;
        this.scope = scope;
        this.context = context;
        this.patience = patience;
    }

    /** What is done with a session. */
    @FunctionalInterface
    interface OnSession<T> {
        T run(TargetSession session, Connection observer)
                throws SQLException, StepFailedException, IOException, InterruptedException;
    }

    <T> T run(OnSession<T> work) throws StepFailedException, IOException, InterruptedException {
        for (int number = 1; ; number++) {
            context.checkOwned();
            TargetException lost;
            try (TargetSession session = TargetSession.takeOver(target, scope, patience, context::checkOwned);
                    Connection observer = target.open(
                            Session.reader("fermata-observer/" + scope.run().order()))) {
                return work.run(session, observer);
            } catch (SQLException e) {
                lost = TargetException.of(
                        "working on target '" + target.address().name() + "'", e);
            } catch (TargetException e) {
                lost = e;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("asked to stop");
            }
            if (lost.trouble() != Trouble.CONNECTION_LOST || number == SESSIONS) {
                throw lost;
            }
            LOGGER.atWarn()
                    .addKeyValue("runId", scope.run())
                    .addKeyValue("attempt", number)
                    .addKeyValue("error", lost.getMessage())
                    .log("session lost; the work goes on in a new one");
            TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE.toMillis() << (number - 1));
        }
    }
}
