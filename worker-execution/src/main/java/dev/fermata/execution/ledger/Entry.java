package dev.fermata.execution.ledger;

import org.jspecify.annotations.Nullable;

/**
 * What the ledger says of a step.
 *
 * @param checkpoint how far a batch step is, null when it is not one or has not begun
 */
public record Entry(int step, State state, @Nullable String checkpoint, long rows) {
    /** Where a step is. */
    public enum State {
        /** Begun, and perhaps in effect: only the catalog can tell. */
        STARTED,
        DONE,
        /** Being taken back. */
        UNDOING,
        UNDONE
    }
}
