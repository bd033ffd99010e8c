package dev.fermata.postgres.targets;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What went wrong on a target, sorted by what one does about it. Source: Appendix A of the PostgreSQL manual. */
public enum Trouble {
    /** 55P03: another session holds the lock; nothing was done. */
    LOCK_NOT_AVAILABLE,
    /** 40P01: two sessions waited for each other; this one was rolled back. */
    DEADLOCK,
    /** The rest of class 40: the transaction has to be run again. */
    SERIALIZATION_FAILURE,
    /** 57014: stopped by a timeout or by hand. */
    CANCELLED,
    /**
     * Class 08, 57P0x, 25P03: the session is gone; whether its last statement took effect is unknown. And 25006: what
     * answers is a standby, or a server that may not be written to just now, and the one that may is away.
     */
    CONNECTION_LOST,
    /** Class 28: the server does not let us in. */
    AUTHENTICATION_REFUSED,
    /** 42501: we are in, but may not do this. */
    PERMISSION_DENIED,
    /** 3D000. */
    DATABASE_MISSING,
    /** A table, column, function, type, schema or other object that is not there. */
    UNDEFINED_OBJECT,
    /** Something of that name is there already. */
    DUPLICATE_OBJECT,
    /** 2BP01: something else needs what should go. */
    DEPENDENT_OBJECTS,
    /** Class 23. */
    CONSTRAINT_VIOLATION,
    /** Class 22: a value does not fit. */
    DATA,
    /** 42601: not SQL. */
    SYNTAX,
    /** 55006: somebody is in what should go or be copied, such as a database. */
    IN_USE,
    /** XX000: what the server did not expect, such as a catalog row that another session changes at this very moment. */
    UNEXPECTED,
    /** 53100. */
    DISK_FULL,
    /** The rest of class 53: connections or memory. */
    RESOURCES,
    OTHER;

    /** By its SQLState alone. */
    public static Trouble of(SQLException e) {
        return ofState(e.getSQLState());
    }

    /** Whether the very same thing may work a little later, without anybody changing anything. */
    public boolean mayPass() {
        return switch (this) {
            case LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION_FAILURE, CONNECTION_LOST, IN_USE, UNEXPECTED, RESOURCES ->
                true;
            case CANCELLED,
                    AUTHENTICATION_REFUSED,
                    PERMISSION_DENIED,
                    DATABASE_MISSING,
                    UNDEFINED_OBJECT,
                    DUPLICATE_OBJECT,
                    DEPENDENT_OBJECTS,
                    CONSTRAINT_VIOLATION,
                    DATA,
                    SYNTAX,
                    DISK_FULL,
                    OTHER -> false;
        };
    }

    private static Trouble ofState(@Nullable String state) {
        if (state == null || state.length() != 5) {
            return OTHER;
        }
        return switch (state) {
            case "55P03" -> LOCK_NOT_AVAILABLE;
            case "40P01" -> DEADLOCK;
            case "57014" -> CANCELLED;
            // idle-in-transaction and transaction timeouts, shutdowns, dropped database, idle session
            case "25006", "25P03", "25P04", "57P01", "57P02", "57P03", "57P04", "57P05" -> CONNECTION_LOST;
            case "42501" -> PERMISSION_DENIED;
            case "3D000" -> DATABASE_MISSING;
            case "42P01", "42703", "42704", "42883", "3F000", "42P02", "26000", "34000" -> UNDEFINED_OBJECT;
            case "42P07", "42701", "42710", "42723", "42P04", "42P06", "42P03", "42P05" -> DUPLICATE_OBJECT;
            case "2BP01" -> DEPENDENT_OBJECTS;
            case "42601" -> SYNTAX;
            case "55006" -> IN_USE;
            case "XX000" -> UNEXPECTED;
            case "53100" -> DISK_FULL;
            default -> ofClass(state.substring(0, 2));
        };
    }

    private static Trouble ofClass(String stateClass) {
        return switch (stateClass) {
            case "08" -> CONNECTION_LOST;
            case "22" -> DATA;
            case "23" -> CONSTRAINT_VIOLATION;
            case "28" -> AUTHENTICATION_REFUSED;
            case "40" -> SERIALIZATION_FAILURE;
            case "53" -> RESOURCES;
            default -> OTHER;
        };
    }
}
