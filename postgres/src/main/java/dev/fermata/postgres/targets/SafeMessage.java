package dev.fermata.postgres.targets;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What a database error says to people, without row data and without credentials.
 *
 * <p>The server's message is kept only for classes of SQLState whose messages are made of names, limits and SQL. Where
 * it could quote a value ({@code invalid input syntax for type integer: "4711-..."}), and where a trigger or function
 * made up the text itself, only the names of what was involved are kept. DETAIL, HINT, CONTEXT and the statement never
 * are, but for the DETAIL of 2BP01, which lists dependent objects. What steps of plans raise themselves has a state of its
 * own, {@link #RAISED_BY_A_PLAN}.
 *
 * <pre>
 * 23505 unique constraint violated (constraint "orders_pkey", table "orders", schema "public")
 * 22P02 value of the wrong form (no message: it may quote row data; see the server log)
 * 55P03 canceling statement due to lock timeout
 * </pre>
 *
 * @param sqlState five characters, or {@code -----} when there is none
 */
public record SafeMessage(String sqlState, String text) {
    /** Raised by a check that is a step of a plan; its message names objects alone. */
    public static final String RAISED_BY_A_PLAN = "FM001";

    private static final String NO_STATE = "-----";

    /** Messages of these classes hold names of objects and settings, limits, SQL text, file names, addresses. */
    private static final Set<String> CLASSES_WITHOUT_VALUES = Set.of(
            "03", "08", "0A", "0L", "0P", "21", "24", "25", "26", "28", "2B", "2D", "34", "3B", "3D", "3F", "40", "42",
            "53", "54", "55", "57", "58");

    /** C functions that raise what a user's function asked them to raise, with any SQLState. */
    private static final Set<String> RAISED_BY_USERS = Set.of("exec_stmt_raise", "PLy_ereport", "do_util_elog");

    private static final String DEPENDENT_OBJECTS = "2BP01";

    public static SafeMessage of(SQLException e) {
        String state = e.getSQLState() == null ? NO_STATE : e.getSQLState();
        if (e instanceof ExplainedException explained) {
            return new SafeMessage(state, oneLine(String.valueOf(explained.getMessage())));
        }
        @Nullable ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return new SafeMessage(state, server == null ? clientText(state, e) : serverText(state, server));
    }

    /** The state and the text, the form for logs. */
    @Override
    public String toString() {
        return sqlState + " " + text;
    }

    /** The driver's own words: kept for what it says about connections, where it names no more than the address. */
    private static String clientText(String state, SQLException e) {
        String message = e.getMessage();
        return state.startsWith("08") && message != null
                ? oneLine(message)
                : meaning(state) + " (reported by the driver)";
    }

    private static String serverText(String state, ServerErrorMessage server) {
        String message = server.getMessage();
        if (message != null && state.equals(RAISED_BY_A_PLAN)) {
            return oneLine(message);
        }
        if (message == null || !keepsMessage(state) || RAISED_BY_USERS.contains(orEmpty(server.getRoutine()))) {
            return meaning(state) + names(server);
        }
        String detail = server.getDetail();
        return state.equals(DEPENDENT_OBJECTS) && detail != null
                ? oneLine(message) + ": " + oneLine(detail)
                : oneLine(message);
    }

    private static boolean keepsMessage(String state) {
        return state.length() == 5 && CLASSES_WITHOUT_VALUES.contains(state.substring(0, 2));
    }

    private static String names(ServerErrorMessage server) {
        StringJoiner names = new StringJoiner(", ", " (", ")");
        names.setEmptyValue(" (no message: it may quote row data; see the server log)");
        add(names, "constraint", server.getConstraint());
        add(names, "column", server.getColumn());
        add(names, "table", server.getTable());
        add(names, "data type", server.getDatatype());
        add(names, "schema", server.getSchema());
        return names.toString();
    }

    private static void add(StringJoiner names, String what, @Nullable String name) {
        if (name != null && !name.isEmpty()) {
            names.add(what + " \"" + name + "\"");
        }
    }

    private static String meaning(String state) {
        return switch (state) {
            case "23502" -> "null in a column that must not be null";
            case "23503" -> "foreign key violated";
            case "23505" -> "unique constraint violated";
            case "23514" -> "check constraint violated";
            case "23P01" -> "exclusion constraint violated";
            case "22001" -> "value too long";
            case "22003" -> "number out of range";
            case "22007", "22008" -> "date or time of the wrong form or out of range";
            case "22012" -> "division by zero";
            case "22P02", "22P03" -> "value of the wrong form";
            case "P0001" -> "raised by a function or trigger";
            case "44000" -> "check option of a view violated";
            default -> ofClass(state);
        };
    }

    private static String ofClass(String state) {
        if (state.startsWith("22")) {
            return "value that does not fit";
        }
        if (state.startsWith("23")) {
            return "constraint violated";
        }
        return state.startsWith("XX") ? "internal error" : "error";
    }

    private static String oneLine(String message) {
        String line = message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
        return line.toLowerCase(Locale.ROOT).contains("password=") ? "text withheld: it mentions a password" : line;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
