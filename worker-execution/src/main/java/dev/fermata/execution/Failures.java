package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.execution.ledger.PooledTargetException;
import dev.fermata.execution.ledger.TargetBusyException;
import dev.fermata.execution.rehearsal.CloneDiffersException;
import java.io.IOException;

/** What an exception means to the supervisor. */
final class Failures {
    private Failures() {}

    static Failure of(TargetBusyException e) {
        return Failure.retryable("target-busy", text(e));
    }

    static Failure of(PooledTargetException e) {
        return Failure.of("transaction-pooler", text(e));
    }

    static Failure of(CloneDiffersException e) {
        return Failure.retryable("clone-differs", text(e));
    }

    static Failure of(IOException e) {
        return Failure.retryable("backup-failed", "the backup cannot be kept: " + text(e));
    }

    /** Its message may hold anything, so that the log alone has it. */
    static Failure ofDefect(RuntimeException e) {
        return Failure.retryable(
                "internal-error",
                "a defect of the worker: " + e.getClass().getSimpleName() + " at "
                        + (e.getStackTrace().length == 0 ? "an unknown place" : e.getStackTrace()[0])
                        + "; its log has the rest");
    }

    private static String text(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
