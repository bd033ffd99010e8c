package dev.fermata.execution.ledger;

/** Somebody with a later directive, or a later attempt at this one, works on the run: this worker writes nothing more. */
public final class FencedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FencedException(Scope scope) {
        super("run '" + scope.run() + "' epoch " + scope.epoch()
                + ": fenced off by a later one; the work is abandoned");
    }
}
