package dev.fermata.postgres.targets;

import java.util.Objects;
import java.util.function.Supplier;

/**
 * A password, or where to get it at the moment a connection is opened (so that a rotated one is picked up). It never
 * shows itself: {@link #toString} is {@code ***}. Two are equal only if they are the same object.
 */
public final class Password {
    private static final Password NONE = new Password(() -> "");

    private final Supplier<String> source;

    private Password(Supplier<String> source) {
        this.source = source;
    }

    public static Password of(String password) {
        Objects.requireNonNull(password, "password");
        return new Password(() -> password);
    }

    /** @param source asked at every connection, by the thread that opens it */
    public static Password from(Supplier<String> source) {
        return new Password(Objects.requireNonNull(source, "source"));
    }

    /** For servers that ask for none. */
    public static Password none() {
        return NONE;
    }

    /** The password itself; empty for none. Meant for the driver, and for nothing that is kept or printed. */
    public String reveal() {
        return source.get();
    }

    @Override
    public String toString() {
        return "***";
    }
}
