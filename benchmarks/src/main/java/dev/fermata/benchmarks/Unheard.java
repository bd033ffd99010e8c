package dev.fermata.benchmarks;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import java.time.Duration;
import java.util.List;

/** Whoever listens here hears nothing. */
class Unheard implements StepListener {
    @Override
    public void started(int step, Direction direction, int attempt, String what) {}

    @Override
    public void progressed(int step, Direction direction, long done, long total) {}

    @Override
    public void blocked(
            int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

    @Override
    public void completed(int step, Direction direction, StepResult result) {}

    @Override
    public void checkPoint() {}
}
