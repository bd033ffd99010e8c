package dev.fermata.execution.backup;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A manifest that is there and tells nothing. The message says where and why. */
final class UnreadableManifestException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableManifestException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
