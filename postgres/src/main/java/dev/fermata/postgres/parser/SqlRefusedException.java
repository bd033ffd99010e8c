package dev.fermata.postgres.parser;

import java.util.Objects;

/** The text was not read to its end because it passes a limit that keeps the parser safe and responsive. */
public final class SqlRefusedException extends SqlInputException {

    /** What stood against it. */
    public enum Reason {
        /** It holds the character U+0000, which PostgreSQL cannot store. */
        NUL_CHARACTER,
        /** It, or its parse tree, is larger than the parser was told to take. */
        TOO_LARGE,
        /** Its parentheses, expressions or subselects are nested too deeply. */
        TOO_DEEP,
        /** Parsing it took longer than the time limit. */
        TOO_SLOW,
        /** No parser came free in time; the same text may be read later. */
        BUSY,
        /** The calling thread was interrupted while it waited. */
        INTERRUPTED
    }

    private final Reason reason;

    SqlRefusedException(Reason reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    public Reason reason() {
        return reason;
    }
}
