package dev.fermata.execution.rehearsal;

/** There is no clone to be had this way, at least now; the message says what to do. */
public final class CloneRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CloneRefusedException(String message) {
        super(message);
    }
}
