package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.step.Images;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlText;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.parser.WhereClause;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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

    static Draft draft(Scene scene) {
        return new DataChange(scene).draft();
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
        Draft draft = looksAtItself() ? keptWhole(key) : batches(key);
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
            return Optional.of(table + " has no primary key");
        }
        if (node.has("withClause")) {
            return Optional.of("it begins with WITH");
        }
        if (node.has("returningClause") || node.has("returningList")) {
            return Optional.of("it has RETURNING");
        }
        List<String> changed = changedColumns().stream().map(Sql::quote).toList();
        return key.stream().anyMatch(column -> changed.contains(column.name()))
                ? Optional.of("it changes the primary key")
                : Optional.empty();
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

    /** In batches the later ones would see what the earlier ones have done. */
    private boolean looksAtItself() {
        int[] times = {0};
        Expressions.each(node, (kind, inner) -> {
            if (kind.equals("RangeVar") && Sql.relation(inner, scene).equals(table)) {
                times[0]++;
            }
            if (kind.equals("FuncCall")) {
                Sql.strings(inner.path("funcname")).stream()
                        .filter(name -> scene.before().schema().routines().stream()
                                .anyMatch(routine -> routine.name().name().equals(name)
                                        && routine.body().contains(table.name())))
                        .forEach(name -> times[0]++);
            }
        });
        return times[0] > 0; // its own name does not count: it is no inner RangeVar
    }

    /** One transaction; what it overwrites is kept as in batches. */
    private Draft keptWhole(List<Batching.KeyColumn> key) {
        Batching batching = batching(key);
        List<String> sql = List.of(
                Images.create(batching),
                "LOCK TABLE " + table.sql() + " IN SHARE ROW EXCLUSIVE MODE",
                Images.keeping(batching, statement.text()));
        return Draft.transaction(
                        Phase.MIGRATE,
                        "in one transaction, as it looks at the table that it changes; what is overwritten is kept",
                        Undo.by(backUnits(batching)),
                        sql)
                .blocking();
    }

    private List<String> changedColumns() {
        List<String> columns = new ArrayList<>();
        for (JsonNode target : node.path("targetList")) {
            columns.add(target.path("ResTarget").path("name").asText());
        }
        return columns;
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

    /** By pages of what was kept, which nobody changes; it lies in the order of the keys as it is. */
    private List<Unit> backUnits(Batching batching) {
        String images = Objects.requireNonNull(batching.beforeImages());
        Batching kept = new Batching(images, "kept", List.of(), Keys.ROWS_PER_BATCH, null, List.of());
        boolean update = statement.kind().equals("UpdateStmt");
        return List.of(
                Unit.batches(update ? putBack(batching) : bringBack(batching), kept),
                Unit.transaction("DROP TABLE IF EXISTS " + images));
    }

    private Draft batches(List<Batching.KeyColumn> key) {
        Batching batching = batching(key);
        return Draft.batches(
                Phase.MIGRATE,
                "in ranges of " + Keys.ROWS_PER_BATCH
                        + " keys, so that no row is locked for long; what is overwritten is kept",
                Undo.by(backUnits(batching)),
                ranged(),
                batching);
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

    /** Values go back only where they still are what the step wrote: later writes of the application stay. */
    private static String putBack(Batching batching) {
        String set = batching.changedColumns().stream()
                .map(c -> c + " = kept." + prefixed("before_", c))
                .collect(Collectors.joining(", "));
        String unchanged = batching.changedColumns().stream()
                .map(c -> "now." + c + " IS NOT DISTINCT FROM kept." + prefixed("after_", c))
                .collect(Collectors.joining(" AND "));
        String sameKey = batching.key().stream()
                .map(column -> "now." + column.name() + " = kept." + column.name())
                .collect(Collectors.joining(" AND "));
        return "UPDATE " + batching.table() + " AS now SET " + set + " FROM " + batching.beforeImages()
                + " AS kept WHERE " + sameKey + " AND " + unchanged + " AND " + Batching.RANGE;
    }

    /** Rows come back unless the application has put another in their place; what is computed is computed again. */
    private String bringBack(Batching batching) {
        String columns = scene.relation(table).map(Relation::columns).orElse(List.of()).stream()
                .filter(column -> column.generated() == Column.Generated.NO)
                .map(column -> Sql.quote(column.name()))
                .collect(Collectors.joining(", "));
        return "INSERT INTO " + batching.table() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT " + columns
                + " FROM " + batching.beforeImages() + " AS kept WHERE " + Batching.RANGE + " ON CONFLICT DO NOTHING";
    }

    /** {@code before_status} for {@code status}, quoted as needed. */
    static String prefixed(String prefix, String quotedColumn) {
        String plain = quotedColumn.startsWith("\"")
                ? quotedColumn.substring(1, quotedColumn.length() - 1).replace("\"\"", "\"")
                : quotedColumn;
        return Sql.quote(prefix + plain);
    }
}
