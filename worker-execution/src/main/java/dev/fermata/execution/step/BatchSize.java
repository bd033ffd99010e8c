package dev.fermata.execution.step;

import java.time.Duration;

/**
 * How many rows a batch has. It moves towards what takes the target time, by at most a factor of two, and the less boldly the
 * nearer it is, as a single batch says little; a batch that took too long to be let through is halved, down to a row. Knows no
 * clock.
 */
final class BatchSize {
    private static final int MOST = 1_000_000;
    private static final double LARGEST_STEP = 2.0;
    private static final double SMOOTHING = 0.6;
    private static final double CLOSE_ENOUGH = 0.1;

    private final Duration target;
    private double rows;

    BatchSize(int first, Duration target) {
        this.rows = first;
        this.target = target;
    }

    int rows() {
        return (int) Math.clamp(Math.round(rows), 1L, (long) MOST);
    }

    /** A whole batch of this size took so long. */
    void took(Duration elapsed) {
        double ratio = target.toNanos() / (double) Math.max(1, elapsed.toNanos());
        if (Math.abs(ratio - 1) < CLOSE_ENOUGH) {
            return;
        }
        double step = Math.clamp(ratio, 1 / LARGEST_STEP, LARGEST_STEP);
        rows = Math.clamp(rows * (step == LARGEST_STEP ? step : Math.pow(step, SMOOTHING)), 1, MOST);
    }

    /** A batch of this size was stopped. False when there is nothing left to halve. */
    boolean halve() {
        if (rows() == 1) {
            return false;
        }
        rows = Math.max(1, rows() / 2);
        return true;
    }
}
