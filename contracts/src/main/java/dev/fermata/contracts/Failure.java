package dev.fermata.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, fit for a topic: never row data, never credentials.
 *
 * @param code stable, for programs, such as {@code sql-error} or {@code target-unreachable}
 * @param message for people: what was attempted, what happened, what to do
 * @param retryable whether the same thing may succeed later without anybody changing anything
 * @param statement index of the author's statement, counted from 0, null when it was none of them
 * @param line 1-based in the change SQL, null when unknown
 * @param column 1-based, null when unknown
 * @param sqlState PostgreSQL's code, null when the database said nothing
 * @param log what was tried before, oldest first
 */
public record Failure(
        String code,
        String message,
        boolean retryable,
        @Nullable Integer statement,
        @Nullable Integer line,
        @Nullable Integer column,
        @Nullable String sqlState,
        List<String> log) {
    public Failure {
        Fields.text(code, "failure.code");
        Fields.text(message, "failure.message");
        log = Fields.copy(log);
    }

    public static Failure of(String code, String message) {
        return new Failure(code, message, false, null, null, null, null, List.of());
    }

    public static Failure retryable(String code, String message) {
        return new Failure(code, message, true, null, null, null, null, List.of());
    }

    /** The same failure, placed at a statement of the author. */
    public Failure at(int statementIndex, int atLine, int atColumn) {
        return new Failure(code, message, retryable, statementIndex, atLine, atColumn, sqlState, log);
    }

    /** The same failure with PostgreSQL's code. */
    public Failure withSqlState(@Nullable String state) {
        return new Failure(code, message, retryable, statement, line, column, state, log);
    }

    /** The same failure with what was tried before. */
    public Failure withLog(List<String> lines) {
        return new Failure(code, message, retryable, statement, line, column, sqlState, lines);
    }
}
