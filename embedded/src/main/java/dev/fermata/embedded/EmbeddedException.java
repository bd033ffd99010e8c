package dev.fermata.embedded;

import org.jspecify.annotations.Nullable;

/** An embedded server could not be started or stopped. The message says what to do about it. */
public final class EmbeddedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EmbeddedException(String message) {
        super(message);
    }

    EmbeddedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
