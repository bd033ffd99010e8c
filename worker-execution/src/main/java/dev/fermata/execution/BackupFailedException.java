package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import java.io.IOException;

/** The server does not let us take a backup. No step was begun. */
final class BackupFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    BackupFailedException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
