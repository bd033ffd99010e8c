package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.execution.step.StepListener;
import java.time.Duration;
import java.util.List;

/** On a clone nobody is told of single steps; the report says it all. */
abstract class QuietListener implements StepListener {
    private final Runnable checkPoint;

    QuietListener(Runnable checkPoint) {
        this.checkPoint = checkPoint;
    }

    @Override
    public void started(int step, Direction direction, int attempt, String what) {}

    @Override
    public void progressed(int step, Direction direction, long done, long total) {}

    @Override
    public void blocked(
            int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

    @Override
    public void checkPoint() {
        checkPoint.run();
    }
}
