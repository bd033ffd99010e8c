package dev.fermata.postgres.targets;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * Something did not work on a target. The message is fit for people, messages and logs: it is made of what was
 * attempted and of the {@link SafeMessage}.
 *
 * <p>The driver's exception is deliberately not the cause: its text, which every logger prints, may quote row data. Its
 * stack trace is kept instead.
 */
public final class TargetException extends RuntimeException {
    private final Trouble trouble;
    private final SafeMessage safeMessage;

    private TargetException(String message, Trouble trouble, SafeMessage safeMessage, @Nullable Throwable cause) {
        super(message, cause);
        this.trouble = trouble;
        this.safeMessage = safeMessage;
    }

    /** @param attempted what we were doing, such as {@code connecting to target 'orders-eu'} */
    public static TargetException of(String attempted, SQLException e) {
        return of(attempted, Trouble.of(e), e);
    }

    /** As {@link #of(String, SQLException)}, where the SQLState alone does not tell what one does about it. */
    static TargetException of(String attempted, Trouble trouble, SQLException e) {
        SafeMessage safe = SafeMessage.of(e);
        // Network and file errors below the driver's exception say what no row data can be in.
        Throwable root = e instanceof PSQLException && e.getCause() instanceof java.io.IOException io ? io : null;
        TargetException translated = new TargetException(
                attempted + " failed: " + safe.text() + " (" + safe.sqlState() + ")", trouble, safe, root);
        translated.setStackTrace(e.getStackTrace());
        return translated;
    }

    /** What the server would not refuse, but should. */
    static TargetException denied(String attempted, String why) {
        SafeMessage safe = new SafeMessage("42501", why);
        return new TargetException(
                attempted + " failed: " + safe.text() + " (" + safe.sqlState() + ")",
                Trouble.PERMISSION_DENIED,
                safe,
                null);
    }

    public Trouble trouble() {
        return trouble;
    }

    public SafeMessage safeMessage() {
        return safeMessage;
    }
}
