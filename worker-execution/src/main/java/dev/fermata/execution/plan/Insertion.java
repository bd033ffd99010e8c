package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** INSERT: the keys of the new rows are kept in the attic, so that a rollback finds them again. */
final class Insertion {
    private Insertion() {}

    static Draft draft(Scene scene) {
        JsonNode node = scene.statement().node();
        QualifiedName table = Sql.relation(node.path("relation"), scene);
        String sql = scene.piece().sql();
        if (scene.isNew(table)) {
            return Draft.transaction(Phase.MIGRATE, "as written", Undo.by(), sql); // goes with its table
        }
        List<KeyColumn> key = Keys.of(scene, table);
        boolean replaces = node.path("onConflictClause").path("action").asText().equals("ONCONFLICT_UPDATE");
        boolean returns =
                node.has("returningList") || node.path("returningClause").has("exprs");
        Optional<String> rule = RewriteRules.on(scene, table, "INSERT");
        if (key.isEmpty() || replaces || returns || rule.isPresent()) {
            String why = rule.isPresent()
                    ? "rule " + rule.get() + " makes something else of it"
                    : key.isEmpty()
                            ? table + " has no primary key" + (Keys.hasHeirs(scene, table) ? " of all its heirs" : "")
                            : replaces
                                    ? "ON CONFLICT DO UPDATE does not tell new rows from old ones"
                                    : "it has RETURNING";
            return Draft.transaction(
                    Phase.MIGRATE,
                    "as written",
                    Undo.impossible("the inserted rows are not told apart from others, as " + why),
                    sql);
        }
        String columns = key.stream().map(KeyColumn::name).collect(Collectors.joining(", "));
        String same = key.stream()
                .map(column -> "now." + column.name() + " = kept." + column.name())
                .collect(Collectors.joining(" AND "));
        String kept = Attic.SCHEMA + "." + Sql.quote("inserted_" + scene.key());
        return Draft.transaction(
                Phase.MIGRATE,
                "the keys of the new rows are kept, so that a rollback finds them",
                Undo.losing(
                        lost(scene, table),
                        List.of(Unit.transaction(
                                "DELETE FROM " + table.sql() + " AS now USING " + kept + " AS kept WHERE " + same,
                                "DROP TABLE " + kept))),
                "CREATE TABLE " + kept + " AS SELECT " + columns + " FROM " + table.sql() + " WHERE false",
                "WITH made AS (" + sql + " RETURNING " + columns + ") INSERT INTO " + kept + " SELECT * FROM made");
    }

    private static String lost(Scene scene, QualifiedName table) {
        List<String> lost = new ArrayList<>();
        lost.add("what the application has written since into the rows that were inserted into " + table
                + " goes with them");
        SortedMap<String, SortedSet<String>> others = new TreeMap<>();
        referring(scene, table, others, new HashSet<>());
        others.forEach((what, tables) ->
                lost.add("rows of " + String.join(", ", tables) + " that refer to them by then " + what));
        return String.join("; ", lost);
    }

    /** What becomes of rows of others where those of the table are deleted, and of which tables. */
    private static void referring(
            Scene scene, QualifiedName table, SortedMap<String, SortedSet<String>> others, Set<QualifiedName> seen) {
        if (!seen.add(table)) {
            return;
        }
        for (Constraint key : scene.before().schema().foreignKeysTo(table)) {
            String definition = key.definition();
            boolean cascades = definition.contains(" ON DELETE CASCADE");
            String what = cascades
                    ? "go along"
                    : definition.contains(" ON DELETE SET ") ? "lose what they refer by" : "stop the rollback";
            others.computeIfAbsent(what, any -> new TreeSet<>()).add(key.table().toString());
            if (cascades) {
                referring(scene, key.table(), others, seen);
            }
        }
        scene.relation(table).stream()
                .flatMap(relation -> relation.parents().stream())
                .forEach(parent -> referring(scene, parent, others, seen));
    }
}
