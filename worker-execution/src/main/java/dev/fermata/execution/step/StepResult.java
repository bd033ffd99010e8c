package dev.fermata.execution.step;

import java.time.Duration;

/**
 * How a step went.
 *
 * @param rows changed, -1 where none are counted
 * @param recovered an earlier attempt had done it
 */
public record StepResult(Duration elapsed, Duration lockWait, long rows, int attempts, boolean recovered) {
    static StepResult found(long rows) {
        return new StepResult(Duration.ZERO, Duration.ZERO, rows, 0, true);
    }
}
