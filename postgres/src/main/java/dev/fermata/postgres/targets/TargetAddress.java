package dev.fermata.postgres.targets;

import java.util.Objects;

/**
 * Where a registered target is and who we are there.
 *
 * @param name the target's name in the registry, such as {@code orders-eu}
 * @param host name or address; an IPv6 address without brackets
 * @param environment such as {@code staging} or {@code production}
 */
public record TargetAddress(
        String name, String host, int port, String database, String user, Password password, String environment) {

    public TargetAddress {
        requireText("name", name);
        requireText("host", host);
        requireText("database", database);
        requireText("user", user);
        Objects.requireNonNull(password, "password");
        requireText("environment", environment);
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port of target '" + name + "': " + port + " (expected: 1 to 65535)");
        }
    }

    /** The same place for somebody else, such as a user with fewer rights. */
    public TargetAddress as(String user, Password password) {
        return new TargetAddress(name, host, port, database, user, password, environment);
    }

    private static void requireText(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.isBlank() || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " of a target: '" + value + "' (expected: some text)");
        }
    }
}
