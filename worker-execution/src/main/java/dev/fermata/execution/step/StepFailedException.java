package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.ExecutionMessage.Direction;

/** A step did not take effect, and trying it again now would not help. */
public final class StepFailedException extends Exception {
    /** The code of a failure that only people can resolve: nothing can tell whether a statement took effect. */
    public static final String OUTCOME_UNKNOWN = "outcome-unknown";

    private static final long serialVersionUID = 1L;

    private final int step;
    private final Direction direction;
    private final transient Failure failure;

    StepFailedException(int step, Direction direction, Failure failure) {
        super(failure.message());
        this.step = step;
        this.direction = direction;
        this.failure = failure;
    }

    /** Nothing was even begun. */
    public static StepFailedException before(Failure failure) {
        return new StepFailedException(0, Direction.FORWARD, failure);
    }

    /** 0 when it failed before any step. */
    public int step() {
        return step;
    }

    public Direction direction() {
        return direction;
    }

    public Failure failure() {
        return failure;
    }
}
