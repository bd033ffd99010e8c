package dev.fermata.execution.ledger;

import java.time.Duration;

/** Another order holds the target for longer than we want to wait. */
public final class TargetBusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TargetBusyException(String target, Duration waited) {
        super("target '" + target + "' is held by another order since more than " + waited.toSeconds() + " s");
    }
}
