package dev.fermata.execution.verify;

import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Trouble;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks validation queries and compares the answers. */
public final class Validations {
    /** What the answer of a query begins with that the server refuses. */
    public static final String ERROR = "error ";

    private Validations() {}

    /**
     * The answers as text by name. A query that the server refuses has the answer {@code error SQLSTATE}; trouble that may be
     * over the next time is no answer.
     *
     * @throws SQLException when the connection is lost, a lock is not had, or the query is cancelled
     */
    public static Map<String, String> ask(Connection connection, List<ValidationQuery> queries) throws SQLException {
        Map<String, String> answers = new LinkedHashMap<>();
        for (ValidationQuery query : queries) {
            answers.put(query.name(), ask(connection, query));
        }
        return answers;
    }

    /** What the server did not expect may come of others' changes the first time; the second time it comes of the query. */
    private static String ask(Connection connection, ValidationQuery query) throws SQLException {
        try {
            return answer(connection, query);
        } catch (SQLException e) {
            if (Trouble.of(e) != Trouble.UNEXPECTED) {
                throw e;
            }
        }
        try {
            return answer(connection, query);
        } catch (SQLException e) {
            if (Trouble.of(e) != Trouble.UNEXPECTED) {
                throw e;
            }
            return ERROR + SafeMessage.of(e);
        }
    }

    private static String answer(Connection connection, ValidationQuery query) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet row = statement.executeQuery(query.sql())) {
                return row.next() ? String.valueOf(row.getString(1)) : "no row";
            }
        } catch (SQLException e) {
            Trouble trouble = Trouble.of(e);
            if (trouble.mayPass() || trouble == Trouble.CANCELLED) {
                throw e;
            }
            return ERROR + SafeMessage.of(e);
        }
    }

    /** The verdict on each query. */
    public static List<ValidationResult> compare(
            List<ValidationQuery> queries, Map<String, String> before, Map<String, String> after) {
        List<ValidationResult> results = new ArrayList<>();
        for (ValidationQuery query : queries) {
            String was = before.get(query.name());
            String is = after.get(query.name());
            boolean passed = is != null && !is.startsWith(ERROR) && passes(query, was, is);
            results.add(new ValidationResult(query.name(), passed, was, is, passed ? null : query.why()));
        }
        return results;
    }

    private static boolean passes(ValidationQuery query, @Nullable String was, String is) {
        return switch (query.expect()) {
            case EQUALS_BEFORE -> is.equals(was);
            case NOT_LESS_THAN_BEFORE -> {
                BigDecimal before = number(was);
                BigDecimal after = number(is);
                yield before != null && after != null && after.compareTo(before) >= 0;
            }
            case IS_ZERO -> {
                BigDecimal after = number(is);
                yield after != null && after.signum() == 0;
            }
        };
    }

    private static @Nullable BigDecimal number(@Nullable String text) {
        try {
            return text == null ? null : new BigDecimal(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
