package dev.fermata.analysis;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.Expressions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many rows the planner expects statements to change. Asked with EXPLAIN, which runs nothing of them; as planning may
 * call immutable functions, only statements that call none but these few are asked about.
 */
final class PlannedRows {
    private static final Set<String> KINDS = Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");
    private static final Set<String> HARMLESS = Set.of("now", "lower", "upper", "count", "sum", "min", "max", "length");

    private PlannedRows() {}

    /**
     * What the server cannot plan, as the change makes the table first or the role may not, is left out.
     *
     * @param connection in autocommit mode
     * @throws SQLException where the connection is lost
     */
    static Map<Integer, Long> of(Connection connection, List<Statement> statements) throws SQLException {
        Map<Integer, Long> rows = new HashMap<>();
        for (Statement statement : statements) {
            if (KINDS.contains(statement.kind()) && HARMLESS.containsAll(Expressions.functions(statement.node()))) {
                ask(connection, statement, rows);
            }
        }
        return rows;
    }

    private static void ask(Connection connection, Statement statement, Map<Integer, Long> rows) throws SQLException {
        try (java.sql.Statement explain = connection.createStatement()) {
            explain.setEscapeProcessing(false);
            try (ResultSet plan = explain.executeQuery("EXPLAIN (FORMAT JSON) " + statement.text())) {
                plan.next();
                JsonNode changes =
                        Json.mapper().readTree(plan.getString(1)).path(0).path("Plan");
                JsonNode source = changes.path("Plans").path(0).path("Plan Rows");
                if (source.isNumber()) {
                    rows.put(statement.index(), source.asLong());
                }
            }
        } catch (SQLException e) {
            if (!connection.isValid(1)) {
                throw e;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("EXPLAIN (FORMAT JSON) gave no JSON", e);
        }
    }
}
