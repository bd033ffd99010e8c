package dev.fermata.execution.rehearsal;

import java.util.List;

/** The clone does not look like the target, so nothing tried on it would prove anything. */
public final class CloneDiffersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CloneDiffersException(List<String> differences) {
        super("the clone is not like the target: " + String.join("; ", differences));
    }
}
