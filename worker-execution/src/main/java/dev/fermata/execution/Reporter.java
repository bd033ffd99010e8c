package dev.fermata.execution;

import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.step.Progress;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.runtime.jobs.JobContext;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** Tells the world how the steps of a run go, while the job is still ours. */
final class Reporter implements StepListener {
    private static final int LONGEST_TEXT = 500;

    private final Scope scope;
    private final JobContext context;
    private final Clock clock;

    Reporter(Scope scope, JobContext context, Clock clock) {
        this.scope = scope;
        this.context = context;
        this.clock = clock;
    }

    @Override
    public void started(int step, Direction direction, int attempt, String what) {
        String shown = what.length() <= LONGEST_TEXT ? what : what.substring(0, LONGEST_TEXT) + "...";
        context.publish(new ExecutionMessage.StepStarted(
                scope.run(), scope.revision(), scope.epoch(), step, direction, attempt, shown, clock.instant()));
    }

    @Override
    public void progressed(int step, Direction direction, long done, long total) {
        progressed(step, direction, new Progress(done, total, "rows", null, null));
    }

    @Override
    public void progressed(int step, Direction direction, Progress progress) {
        context.publish(new ExecutionMessage.StepProgressed(
                scope.run(),
                scope.revision(),
                scope.epoch(),
                step,
                direction,
                progress.done(),
                progress.total(),
                progress.unit(),
                progress.remaining(),
                progress.held()));
    }

    @Override
    public void blocked(
            int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {
        context.publish(new ExecutionMessage.StepBlocked(
                scope.run(), scope.revision(), scope.epoch(), step, direction, attempt, attempts, retryIn, blockers));
    }

    @Override
    public void completed(int step, Direction direction, StepResult result) {
        context.publish(new ExecutionMessage.StepCompleted(
                scope.run(),
                scope.revision(),
                scope.epoch(),
                step,
                direction,
                result.elapsed(),
                result.lockWait(),
                result.rows(),
                result.attempts(),
                result.recovered()));
    }

    @Override
    public void checkPoint() {
        context.checkOwned();
    }
}
