package dev.fermata.postgres.lock;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * An INSERT, UPDATE, DELETE or MERGE in a statement, be it the statement itself or a WITH query of it.
 *
 * @param events for which triggers fire: {@code INSERT}, {@code UPDATE}, {@code DELETE}
 * @param columns that an UPDATE sets; empty stands for any
 */
record RowChange(WrittenName target, Set<String> events, Set<String> columns) {
    private static final Map<String, Set<String>> EVENTS = Map.of(
            "InsertStmt", Set.of("INSERT"),
            "UpdateStmt", Set.of("UPDATE"),
            "DeleteStmt", Set.of("DELETE"),
            "MergeStmt", Set.of("INSERT", "UPDATE", "DELETE"));

    RowChange {
        events = Set.copyOf(events);
        columns = Set.copyOf(columns);
    }

    /** All changes in a tree whose nodes stand under the names of their kinds. */
    static List<RowChange> in(JsonNode tree) {
        List<RowChange> changes = new ArrayList<>();
        Nodes.walk(tree, (kind, node) -> {
            Set<String> events = EVENTS.get(kind);
            if (events != null) {
                boolean upsert =
                        node.path("onConflictClause").path("action").asText().equals("ONCONFLICT_UPDATE");
                changes.add(new RowChange(
                        Nodes.name(node.path("relation")),
                        upsert ? Set.of("INSERT", "UPDATE") : events,
                        kind.equals("UpdateStmt") ? set(node.path("targetList")) : Set.of()));
            }
        });
        return changes;
    }

    private static Set<String> set(JsonNode targets) {
        return StreamSupport.stream(targets.spliterator(), false)
                .map(target -> target.path("ResTarget").path("name").asText())
                .collect(Collectors.toSet());
    }

    /** Whether it only adds rows: then the planner does not look at the table's indexes. */
    boolean onlyInserts() {
        return events.equals(Set.of("INSERT"));
    }

    /** Whether rows may get a new value in one of these columns. */
    boolean gives(List<String> values) {
        return events.contains("INSERT") || (events.contains("UPDATE") && sets(values));
    }

    /** Whether rows may lose the value that they have in one of these columns. */
    boolean takes(List<String> values) {
        return events.contains("DELETE") || (events.contains("UPDATE") && sets(values));
    }

    private boolean sets(List<String> values) {
        return columns.isEmpty() || values.stream().anyMatch(columns::contains);
    }
}
