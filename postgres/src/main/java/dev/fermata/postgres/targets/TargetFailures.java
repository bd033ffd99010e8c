package dev.fermata.postgres.targets;

import dev.fermata.contracts.Failure;

/** What trouble with a target means to the supervisor, as both workers report it. */
public final class TargetFailures {
    private TargetFailures() {}

    /** Retryable where somebody or something other than the author can make it work. */
    public static Failure of(TargetException e) {
        String code = code(e.trouble());
        String message = String.valueOf(e.getMessage());
        boolean othersCanHelp = e.trouble().mayPass() || !code.equals("sql-error");
        Failure failure = othersCanHelp ? Failure.retryable(code, message) : Failure.of(code, message);
        return failure.withSqlState(e.safeMessage().sqlState());
    }

    private static String code(Trouble trouble) {
        return switch (trouble) {
            case CONNECTION_LOST -> "target-unreachable";
            case AUTHENTICATION_REFUSED -> "target-refuses-login";
            case DATABASE_MISSING -> "target-database-missing";
            case PERMISSION_DENIED -> "permission-denied";
            case DISK_FULL -> "disk-full";
            case RESOURCES -> "target-out-of-resources";
            case LOCK_NOT_AVAILABLE,
                    DEADLOCK,
                    SERIALIZATION_FAILURE,
                    CANCELLED,
                    UNDEFINED_OBJECT,
                    DUPLICATE_OBJECT,
                    DEPENDENT_OBJECTS,
                    CONSTRAINT_VIOLATION,
                    DATA,
                    SYNTAX,
                    IN_USE,
                    UNEXPECTED,
                    OTHER -> "sql-error";
        };
    }
}
