package dev.fermata.contracts.run;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

/** Where a run is in its life. The order of the constants is the order of life. */
public enum RunState {
    /** Accepted and published; nobody has begun. */
    ISSUED(Kind.MACHINE),
    /** The analysis worker looks at the change and the target. */
    ANALYSING(Kind.MACHINE),
    /** The execution worker drafts the plan and rehearses it, forward and back, on a clone. */
    PREPARING(Kind.MACHINE),
    /** Somebody other than the author must answer the approval event. */
    AWAITING_APPROVAL(Kind.WAITING),
    /** Approved; waits for its window. */
    SCHEDULED(Kind.WAITING),
    /** The affected tables are copied, restored elsewhere and compared. */
    BACKING_UP(Kind.MACHINE),
    /** Steps run on the target. */
    MIGRATING(Kind.MACHINE),
    /** The validation queries and the catalog are compared with what they should be. */
    VERIFYING(Kind.MACHINE),
    /** The change is in; probes watch the application for a while. */
    SOAKING(Kind.MACHINE),
    /** The old form is still there; somebody must say that the application no longer needs it. */
    AWAITING_CONTRACT(Kind.WAITING),
    /** The old form is removed. */
    CONTRACTING(Kind.MACHINE),
    /** The change is being taken back. */
    ROLLING_BACK(Kind.MACHINE),
    /** Fermata will not guess: a person must act, and the reason names how. */
    ESCALATED(Kind.WAITING),
    /** The author must amend the order; the feedback says what and why. */
    CHANGES_REQUESTED(Kind.WAITING),
    /** The change is in. Until the attic is purged it can be taken back, when people order it. */
    SUCCEEDED(Kind.END),
    ROLLED_BACK(Kind.END),
    REJECTED(Kind.END),
    CANCELLED(Kind.END),
    /** It did not happen; production was not touched. */
    FAILED(Kind.END);

    private enum Kind {
        MACHINE,
        WAITING,
        END
    }

    private final Kind kind;

    RunState(Kind kind) {
        this.kind = kind;
    }

    /** Nothing will happen to this run any more by itself. */
    public boolean isEnd() {
        return kind == Kind.END;
    }

    /** Waits for a person (or program) rather than for a machine. */
    public boolean waitsForSomebody() {
        return kind == Kind.WAITING;
    }

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }
}
