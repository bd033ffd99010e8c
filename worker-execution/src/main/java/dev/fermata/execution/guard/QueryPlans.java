package dev.fermata.execution.guard;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.parser.Token;
import dev.fermata.postgres.targets.SafeMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;

/**
 * Has a server plan queries for any value of their parameters, without running them: as prepared statements with a generic
 * plan. EXPLAIN (GENERIC_PLAN), new in PostgreSQL 16, is not for clients that bind their parameters, as the driver does.
 */
final class QueryPlans {
    private final Connection connection;

    /** @param connection in autocommit mode */
    QueryPlans(Connection connection) {
        this.connection = connection;
    }

    /** The session's own. */
    String searchPath() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('search_path')")) {
            row.next();
            return row.getString(1);
        }
    }

    /** The schemas that such a path finds things in. */
    List<String> searched(String searchPath) throws SQLException {
        lookIn(searchPath);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_schemas(false)::text[]")) {
            row.next();
            return List.of((String[]) row.getArray(1).getArray());
        }
    }

    private void lookIn(String searchPath) throws SQLException {
        try (PreparedStatement path = connection.prepareStatement("SELECT set_config('search_path', ?, false)")) {
            path.setString(1, searchPath);
            path.execute();
        }
    }

    QueryPlan of(String query, String searchPath) throws SQLException {
        lookIn(searchPath);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            return prepared(statement, query);
        } catch (SQLException e) {
            if (!connection.isValid(1)) {
                throw e;
            }
            return QueryPlan.refused(SafeMessage.of(e).toString());
        }
    }

    private static QueryPlan prepared(Statement statement, String query) throws SQLException {
        int parameters = Token.of(query).stream()
                .filter(token -> token.kind() == Token.Kind.PARAMETER)
                .mapToInt(token -> Integer.parseInt(token.text().substring(1)))
                .max()
                .orElse(0);
        statement.execute("SET plan_cache_mode = force_generic_plan");
        statement.execute("PREPARE fermata_guard AS " + query);
        try {
            String values =
                    parameters == 0 ? "" : "(" + String.join(", ", Collections.nCopies(parameters, "NULL")) + ")";
            return explain(statement, "EXPLAIN (FORMAT JSON) EXECUTE fermata_guard" + values);
        } finally {
            statement.execute("DEALLOCATE fermata_guard");
        }
    }

    private static QueryPlan explain(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return QueryPlan.of(Json.mapper().readTree(row.getString(1)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("EXPLAIN (FORMAT JSON) gave no JSON", e);
        }
    }
}
