package dev.fermata.execution.plan;

import dev.fermata.contracts.Failure;

/** The change cannot be planned as it is written; the failure says which statement, why, and what to write instead. */
public final class PlanRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    PlanRefusedException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
