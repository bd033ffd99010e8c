package dev.fermata.postgres.targets;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a registered target is and who we are there.
 *
 * @param name the target's name in the registry, such as {@code orders-eu}
 * @param host name or address; an IPv6 address without brackets
 * @param user whom we log in as
 * @param environment such as {@code staging} or {@code production}
 * @param role whom we change things as: the owner of what is changed, of which {@code user} is a member; null: the user
 *     itself
 */
public record TargetAddress(
        String name,
        String host,
        int port,
        String database,
        String user,
        Password password,
        String environment,
        @Nullable String role) {

    public TargetAddress {
        requireText("name", name);
        requireText("host", host);
        requireText("database", database);
        requireText("user", user);
        Objects.requireNonNull(password, "password");
        requireText("environment", environment);
        if (role != null) {
            requireText("role", role);
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port of target '" + name + "': " + port + " (expected: 1 to 65535)");
        }
    }

    /** Where the user changes things as itself. */
    public TargetAddress(
            String name, String host, int port, String database, String user, Password password, String environment) {
        this(name, host, port, database, user, password, environment, null);
    }

    /** The same place for somebody else, such as a user with fewer rights. Without the role, of which it need be no member. */
    public TargetAddress as(String user, Password password) {
        return new TargetAddress(name, host, port, database, user, password, environment, null);
    }

    /** The same place for the same user, who changes things as this role; null: as itself. */
    public TargetAddress withRole(@Nullable String role) {
        return new TargetAddress(name, host, port, database, user, password, environment, role);
    }

    /** Another database of the same server, for the same user and role. */
    public TargetAddress in(String database) {
        return at(host, port, database);
    }

    /** A database on a copy of the server, for the same user and role. */
    public TargetAddress at(String host, int port, String database) {
        return new TargetAddress(name, host, port, database, user, password, environment, role);
    }

    private static void requireText(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.isBlank() || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + " of a target: '" + value + "' (expected: some text)");
        }
    }
}
