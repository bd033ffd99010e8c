package dev.fermata.execution.backup;

import java.io.IOException;

/** A stored file is not what was written. */
public final class DamagedFileException extends IOException {
    DamagedFileException(String message) {
        super(message);
    }
}
