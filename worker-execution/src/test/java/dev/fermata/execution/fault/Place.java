package dev.fermata.execution.fault;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import java.util.regex.Pattern;

/**
 * Where in a plan somebody is.
 *
 * @param what the first statement of the step, or of the unit of its inverse
 */
record Place(int step, Direction direction, String what, Moment moment) {
    private static final Pattern CONCURRENTLY = Pattern.compile("(?is)\\bINDEX\\s+CONCURRENTLY\\b");

    /** When. */
    enum Moment {
        /** Before anything of it was done. */
        START,
        /** While the server runs a statement that is outside of transactions. */
        INSIDE,
        /** Everything is done and not committed: a step's transaction, or the first range of a session. */
        COMMIT,
        /** The same, when the session has committed a range before. */
        LATER_COMMIT
    }

    Place at(Moment other) {
        return new Place(step, direction, what, other);
    }

    /** Whether it waits for older transactions, so that one can be there while it runs. */
    boolean waitsForOthers() {
        return CONCURRENTLY.matcher(what).find();
    }

    @Override
    public String toString() {
        return direction + " " + step + " " + moment + ": " + what;
    }
}
