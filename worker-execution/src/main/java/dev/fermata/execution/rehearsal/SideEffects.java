package dev.fermata.execution.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What triggers of the application write by themselves when a plan changes rows, forward and on the way back: the time of the
 * last change, or rows of an audit. No way back takes that back, and none has to.
 *
 * @param triggers by the table that they fire for, those alone whose rows the plan changes
 * @param written columns that the plan writes itself
 * @param tables that the plan touches
 * @param columns of the tables with triggers as they were at first
 */
record SideEffects(
        SortedMap<QualifiedName, String> triggers,
        Set<String> written,
        Set<String> tables,
        Map<QualifiedName, SortedMap<String, ContentChecksum>> columns) {
    private static final Set<String> CHANGES_ROWS = Set.of("UpdateStmt", "DeleteStmt", "InsertStmt");

    private static final String TRIGGERS = """
        WITH RECURSIVE family AS (SELECT to_regclass(?)::oid AS member
          UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = member)
        SELECT n.nspname, c.relname, string_agg(t.tgname, ', ' ORDER BY t.tgname) FROM family
        JOIN pg_trigger AS t ON t.tgrelid = member JOIN pg_class AS c ON c.oid = member
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') GROUP BY 1, 2
        """;

    /** Before the first step. */
    static SideEffects read(Connection connection, Plan plan, List<Statement> statements) throws SQLException {
        SortedMap<QualifiedName, String> triggers = new TreeMap<>();
        Set<String> written = new HashSet<>();
        for (Step step : plan.steps()) {
            Batching batching = step.batching();
            if (batching != null) {
                written.addAll(batching.changedColumns());
                addTriggers(connection, batching.table(), triggers);
            }
        }
        for (Statement statement : statements) { // those that are not in batches, too
            if (CHANGES_ROWS.contains(statement.kind())) {
                JsonNode node = statement.node();
                written.addAll(columnsSet(node.path("targetList")));
                written.addAll(columnsSet(node.path("onConflictClause").path("targetList")));
                addTriggers(connection, table(node.path("relation")), triggers);
            }
        }
        Map<QualifiedName, SortedMap<String, ContentChecksum>> columns = new TreeMap<>();
        for (QualifiedName table : triggers.keySet()) {
            columns.put(table, Contents.checksumsOfColumns(connection, table));
        }
        return new SideEffects(triggers, written, Set.copyOf(plan.tables()), columns);
    }

    /** Of an INSERT, whose rows are new anyway, those as well that it names. */
    private static List<String> columnsSet(JsonNode targets) {
        List<String> columns = new ArrayList<>();
        for (JsonNode target : targets) {
            columns.add(
                    QualifiedName.quote(target.path("ResTarget").path("name").asText()));
        }
        return columns;
    }

    private static String table(JsonNode relation) {
        String schema = relation.path("schemaname").asText("");
        String name = QualifiedName.quote(relation.path("relname").asText());
        return schema.isEmpty() ? name : QualifiedName.quote(schema) + "." + name;
    }

    private static void addTriggers(Connection connection, String table, SortedMap<QualifiedName, String> triggers)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(TRIGGERS)) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    triggers.put(new QualifiedName(rows.getString(1), rows.getString(2)), rows.getString(3));
                }
            }
        }
    }

    /**
     * What triggers did, where a table that is not as it was differs in nothing else.
     *
     * @param change what the steps did to the catalog
     */
    Optional<String> explain(Connection connection, QualifiedName table, boolean sameRows, CatalogChange change)
            throws SQLException {
        if (triggers.isEmpty()) {
            return Optional.empty();
        }
        if (!tables.contains(table.sql())) {
            return Optional.of(named() + " wrote to table " + table + "; a rollback leaves that");
        }
        SortedMap<String, ContentChecksum> was = columns.get(table);
        if (was == null || !sameRows) {
            return Optional.empty();
        }
        SortedMap<String, ContentChecksum> is = Contents.checksumsOfColumns(connection, table);
        List<String> differ = new ArrayList<>();
        was.forEach((column, checksum) -> {
            if (!Objects.equals(checksum, is.get(column))) {
                differ.add(QualifiedName.quote(column));
            }
        });
        boolean ours = differ.stream()
                .anyMatch(column ->
                        written.contains(column) || change.after().containsKey("column " + table.sql() + "." + column));
        return differ.isEmpty() || ours
                ? Optional.empty()
                : Optional.of(named() + " changed " + String.join(", ", differ) + " of table " + table + "; a rollback"
                        + " leaves that");
    }

    /** For the end of a difference that they may have to do with; empty where there are none. */
    String hint() {
        return triggers.isEmpty() ? "" : "; " + named() + " fire on the way back, too";
    }

    private String named() {
        return triggers.entrySet().stream()
                .map(each -> each.getValue() + " of " + each.getKey())
                .collect(Collectors.joining(", ", "triggers ", ""));
    }
}
