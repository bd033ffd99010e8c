package dev.fermata.contracts.codec;

/** A record that is no message of ours; the message of the exception says what is wrong with it, fit for a header. */
public final class UnreadableMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableMessageException(String reason) {
        super(reason);
    }
}
