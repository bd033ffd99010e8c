package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.step.Images;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlText;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.parser.WhereClause;
import dev.fermata.postgres.schema.Column;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * UPDATE and DELETE: cut into ranges of the primary key, each range keeping what it overwrites in the attic, so that a
 * rollback puts back exactly what was there and leaves alone what the application has written since.
 */
final class DataChange {
    private final Scene scene;
    private final Statement statement;
    private final JsonNode node;
    private final QualifiedName table;

    private DataChange(Scene scene) {
        this.scene = scene;
        this.statement = scene.statement();
        this.node = statement.node();
        this.table = Sql.relation(node.path("relation"), scene);
    }

    static List<Draft> drafts(Scene scene) {
        DataChange change = new DataChange(scene);
        Draft draft = change.draft();
        return change.mayChangeMuch(draft)
                ? List.of(draft, FreshStatistics.draft(change.table, change.columns()))
                : List.of(draft);
    }

    private boolean mayChangeMuch(Draft draft) {
        return draft.kind() == StepKind.BATCHES && FreshStatistics.matter(scene, table);
    }

    /** Those that an UPDATE changes; of a DELETE all, as their rows are others. */
    private String columns() {
        return changedColumns().stream().map(Sql::quote).collect(Collectors.joining(", "));
    }

    private Draft draft() {
        if (scene.isNew(table)) {
            return whole(Undo.by(), "the table is new"); // goes with its table
        }
        List<Batching.KeyColumn> key = Keys.of(scene, table);
        Optional<String> obstacle = obstacle(key);
        if (obstacle.isPresent()) {
            return whole(
                            Undo.impossible("what it overwrites is not kept, as " + obstacle.get()),
                            "in one transaction, as " + obstacle.get())
                    .blocking();
        }
        Draft draft = new AllRows(scene, table, changedColumns())
                .reason()
                .map(why -> keptWhole(key, why))
                .orElseGet(() -> batches(key));
        return rowsThatGoAlong()
                .map(others -> draft.takenBackBy(
                        Undo.impossible("rows of " + others + " go along with the deleted ones and are not kept")))
                .orElse(draft);
    }

    private Draft whole(Undo undo, String reason) {
        return Draft.transaction(Phase.MIGRATE, reason, undo, statement.text());
    }

    private Optional<String> obstacle(List<Batching.KeyColumn> key) {
        if (key.isEmpty()) {
            return Optional.of(
                    table + " has no primary key" + (Keys.hasHeirs(scene, table) ? " of all its heirs" : ""));
        }
        Optional<String> rule =
                RewriteRules.on(scene, table, statement.kind().equals("DeleteStmt") ? "DELETE" : "UPDATE");
        if (rule.isPresent()) {
            return Optional.of("rule " + rule.get() + " makes something else of it");
        }
        if (node.has("withClause")) {
            return Optional.of("it begins with WITH");
        }
        if (node.has("returningClause") || node.has("returningList")) {
            return Optional.of("it has RETURNING");
        }
        List<String> changed = changedColumns().stream().map(Sql::quote).toList();
        if (key.stream().anyMatch(column -> changed.contains(column.name()))) {
            return Optional.of("it changes the primary key");
        }
        return changedColumns().stream()
                .filter(this::isGenerated)
                .findFirst()
                .map(column -> Sql.quote(column) + " is generated");
    }

    /** Such a column can only be set to what the server makes of it. */
    private boolean isGenerated(String name) {
        return scene.relation(table)
                .flatMap(relation -> relation.column(name))
                .filter(column ->
                        column.generated() != Column.Generated.NO || column.identity() == Column.Identity.ALWAYS)
                .isPresent();
    }

    /** Tables whose rows a DELETE takes along, or changes, by foreign keys. */
    private Optional<String> rowsThatGoAlong() {
        if (!statement.kind().equals("DeleteStmt")) {
            return Optional.empty();
        }
        String others = scene.before().schema().foreignKeysTo(table).stream()
                .filter(key -> key.definition().contains(" ON DELETE CASCADE")
                        || key.definition().contains(" ON DELETE SET "))
                .map(key -> key.table().sql())
                .distinct()
                .collect(Collectors.joining(", "));
        return others.isEmpty() ? Optional.empty() : Optional.of(others);
    }

    /** One transaction; what it overwrites is kept as in batches. */
    private Draft keptWhole(List<Batching.KeyColumn> key, AllRows.Reason why) {
        Batching batching = batching(key);
        List<String> sql = List.of(
                Images.create(batching),
                "LOCK TABLE " + table.sql() + " IN SHARE ROW EXCLUSIVE MODE",
                Images.keeping(batching, statement.text()));
        Draft draft = Draft.transaction(
                        Phase.MIGRATE,
                        "in one transaction, as " + why.text() + "; what is overwritten is kept",
                        Undo.by(backUnits(batching, why.alsoBack())),
                        sql)
                .blocking();
        return FiredTriggers.told(scene, draft, batching);
    }

    private List<String> changedColumns() {
        Set<String> columns = new LinkedHashSet<>(); // elements of an array may be set one by one
        for (JsonNode target : node.path("targetList")) {
            columns.add(target.path("ResTarget").path("name").asText());
        }
        return List.copyOf(columns);
    }

    private Batching batching(List<Batching.KeyColumn> key) {
        String images = Attic.SCHEMA + "." + Sql.quote("images_" + scene.key());
        return new Batching(
                table.sql(),
                alias(),
                key,
                Keys.ROWS_PER_BATCH,
                images,
                changedColumns().stream().map(Sql::quote).toList());
    }

    private List<Unit> backUnits(Batching batching, boolean atOnce) {
        return new WayBackOfRows(batching).units(atOnce);
    }

    private Draft batches(List<Batching.KeyColumn> key) {
        Batching batching = batching(key);
        List<Unit> back = backUnits(batching, false);
        return Draft.batches(
                Phase.MIGRATE,
                "in ranges of " + Keys.ROWS_PER_BATCH
                        + " keys, so that no row is locked for long; what is overwritten is kept",
                Undo.by(FreshStatistics.matter(scene, table) ? andAnalyze(back) : back),
                ranged(),
                batching);
    }

    private List<Unit> andAnalyze(List<Unit> back) {
        List<Unit> units = new ArrayList<>(back);
        units.add(Unit.transaction(FreshStatistics.sql(table, columns())));
        return units;
    }

    /** By which the statement calls the table. */
    private String alias() {
        String alias = node.path("relation").path("alias").path("aliasname").asText("");
        return Sql.quote(alias.isEmpty() ? table.name() : alias);
    }

    /** The author's statement with the range of keys added to its condition. */
    private String ranged() {
        String text = statement.text();
        return switch (SqlText.whereClause(statement)) {
            case WhereClause.Present where ->
                text.substring(0, where.start()) + "(" + text.substring(where.start(), where.end()) + "\n) AND "
                        + Batching.RANGE + text.substring(where.end());
            case WhereClause.Absent none ->
                text.substring(0, none.insertAt()) + "\nWHERE " + Batching.RANGE + text.substring(none.insertAt());
        };
    }

    /** {@code before_status} for {@code status}, quoted as needed. */
    static String prefixed(String prefix, String quotedColumn) {
        String plain = quotedColumn.startsWith("\"")
                ? quotedColumn.substring(1, quotedColumn.length() - 1).replace("\"\"", "\"")
                : quotedColumn;
        return Sql.quote(prefix + plain);
    }
}
