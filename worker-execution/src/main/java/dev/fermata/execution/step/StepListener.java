package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import java.time.Duration;
import java.util.List;

/** Hears how steps go. */
public interface StepListener {
    void started(int step, Direction direction, int attempt, String what);

    void progressed(int step, Direction direction, long done, long total);

    /** As the other, with what more is known. */
    default void progressed(int step, Direction direction, Progress progress) {
        progressed(step, direction, progress.done(), progress.total());
    }

    void blocked(int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers);

    void completed(int step, Direction direction, StepResult result);

    /** Throws when the work should not go on. Called before everything that matters. */
    void checkPoint();
}
