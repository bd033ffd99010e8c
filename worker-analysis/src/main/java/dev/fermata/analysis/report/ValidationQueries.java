package dev.fermata.analysis.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationQuery.Expectation;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Questions whose answers must still be right after the change, and after a rollback. */
final class ValidationQueries {
    private ValidationQueries() {}

    static List<ValidationQuery> of(
            List<Statement> statements,
            Map<QualifiedName, TableStats> stats,
            Set<QualifiedName> touched,
            Set<QualifiedName> created) {
        boolean takesRows = statements.stream().anyMatch(ValidationQueries::takesRows);
        boolean leavesUnvalidated = statements.stream()
                .anyMatch(s -> s.node().findValuesAsText("skip_validation").contains("true"));
        List<ValidationQuery> queries = new ArrayList<>();
        for (QualifiedName table : touched) {
            TableStats known = stats.get(table);
            if (created.contains(table) || known == null) {
                continue;
            }
            if (!takesRows && known.deleted() == 0) {
                queries.add(rows(table));
            }
            if (!leavesUnvalidated) {
                queries.add(constraints(table));
            }
            queries.add(indexes(table));
        }
        return queries;
    }

    /** Whether the number of rows or the names of tables are meant to change. */
    private static boolean takesRows(Statement statement) {
        JsonNode node = statement.node();
        return switch (statement.kind()) {
            case "DeleteStmt", "TruncateStmt", "MergeStmt", "DropStmt", "DoStmt" -> true;
            case "RenameStmt" -> node.path("renameType").asText().equals("OBJECT_TABLE");
            case "AlterObjectSchemaStmt" -> true;
            default -> false;
        };
    }

    private static ValidationQuery rows(QualifiedName table) {
        return new ValidationQuery(
                "rows " + table,
                "SELECT count(*) FROM " + table.sql(),
                Expectation.NOT_LESS_THAN_BEFORE,
                "rows of " + table
                        + " are missing; nothing in the change and nothing seen of the application deletes any");
    }

    private static ValidationQuery constraints(QualifiedName table) {
        return new ValidationQuery(
                "unvalidated constraints " + table,
                "SELECT count(*) FROM pg_catalog.pg_constraint WHERE conrelid = " + regclass(table)
                        + " AND NOT convalidated",
                Expectation.EQUALS_BEFORE,
                "a constraint of " + table + " is not validated, or one has lost its validation");
    }

    /** Counted negatively, as invalid indexes may become fewer, but not more. */
    private static ValidationQuery indexes(QualifiedName table) {
        return new ValidationQuery(
                "invalid indexes " + table,
                "SELECT -count(*) FROM pg_catalog.pg_index WHERE indrelid = " + regclass(table)
                        + " AND NOT (indisvalid AND indisready AND indislive)",
                Expectation.NOT_LESS_THAN_BEFORE,
                "an index of " + table + " is not valid: it costs writes and serves no reads");
    }

    private static String regclass(QualifiedName table) {
        return "'" + table.sql().replace("'", "''") + "'::pg_catalog.regclass";
    }
}
