package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.plan.Draft.Undo;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.SqlText;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.parser.WhereClause;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * UPDATE and DELETE: cut into ranges of the primary key, each range keeping what it overwrites in the attic, so that a
 * rollback puts back exactly what was there and leaves alone what the application has written since.
 */
final class DataChange {
    private static final int ROWS_PER_BATCH = 5_000;
    private static final String ATTIC = "fermata_attic";

    private final Catalog catalog;
    private final Statement statement;
    private final JsonNode node;
    private final QualifiedName table;
    private final String runKey;

    private DataChange(Catalog catalog, Statement statement, String runKey) {
        this.catalog = catalog;
        this.statement = statement;
        this.node = statement.node();
        this.table = Sql.relation(node.path("relation"));
        this.runKey = runKey;
    }

    static Draft draft(Catalog catalog, Statement statement, String runKey) {
        return new DataChange(catalog, statement, runKey).draft();
    }

    private Draft draft() {
        if (catalog.isCreatedHere(table)) {
            return whole(Undo.by(), "the table is new"); // gone with its table
        }
        List<Batching.KeyColumn> key = key();
        Optional<String> obstacle = obstacle(key);
        if (obstacle.isPresent()) {
            return whole(
                    Undo.impossible("what it overwrites is not kept, as " + obstacle.get()),
                    "in one transaction, as " + obstacle.get());
        }
        return batches(key);
    }

    private Draft whole(Undo undo, String reason) {
        return Draft.transaction(
                Phase.MIGRATE,
                statement.text(),
                reason,
                catalog.isCreatedHere(table) ? Set.of() : Set.of(table),
                undo.blocking());
    }

    private List<Batching.KeyColumn> key() {
        return catalog.table(table).map(TableStats::primaryKey).orElse(List.of()).stream()
                .map(column -> new Batching.KeyColumn(Sql.quote(column.name()), column.type()))
                .toList();
    }

    private Optional<String> obstacle(List<Batching.KeyColumn> key) {
        if (key.isEmpty()) {
            return Optional.of(table + " has no primary key");
        }
        if (!node.path("fromClause").isMissingNode()
                || !node.path("usingClause").isMissingNode()) {
            return Optional.of("it joins other tables");
        }
        if (!node.path("withClause").isMissingNode()) {
            return Optional.of("it begins with WITH");
        }
        if (!node.path("returningClause").isMissingNode()
                || !node.path("returningList").isMissingNode()) {
            return Optional.of("it has RETURNING");
        }
        List<String> changed = changedColumns().stream().map(Sql::quote).toList();
        return key.stream().anyMatch(column -> changed.contains(column.name()))
                ? Optional.of("it changes the primary key")
                : Optional.empty();
    }

    private List<String> changedColumns() {
        List<String> columns = new ArrayList<>();
        for (JsonNode target : node.path("targetList")) {
            columns.add(target.path("ResTarget").path("name").asText());
        }
        return columns;
    }

    private Draft batches(List<Batching.KeyColumn> key) {
        boolean update = statement.kind().equals("UpdateStmt");
        String images = ATTIC + "." + Sql.quote("images_" + runKey + "_" + (statement.index() + 1));
        Batching batching = new Batching(
                table.sql(),
                alias(),
                key,
                ROWS_PER_BATCH,
                images,
                changedColumns().stream().map(Sql::quote).toList());
        Batching kept = new Batching(images, "kept", key, ROWS_PER_BATCH, null, List.of());
        Inverse inverse = new Inverse(
                List.of(
                        Unit.batches(update ? putBack(batching) : bringBack(batching), kept),
                        Unit.transaction("DROP TABLE IF EXISTS " + images)),
                true,
                null);
        return new Draft(
                Phase.MIGRATE,
                StepKind.BATCHES,
                ranged(),
                true,
                "in ranges of " + ROWS_PER_BATCH
                        + " keys, so that no row is locked for long; what is overwritten is kept",
                inverse,
                "",
                Set.of(table),
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

    /** Rows come back unless the application has put another in their place. */
    private static String bringBack(Batching batching) {
        return "INSERT INTO " + batching.table() + " OVERRIDING SYSTEM VALUE SELECT * FROM " + batching.beforeImages()
                + " AS kept WHERE " + Batching.RANGE + " ON CONFLICT DO NOTHING";
    }

    /** {@code before_status} for {@code status}, quoted as needed. */
    static String prefixed(String prefix, String quotedColumn) {
        String plain = quotedColumn.startsWith("\"")
                ? quotedColumn.substring(1, quotedColumn.length() - 1).replace("\"\"", "\"")
                : quotedColumn;
        return Sql.quote(prefix + plain);
    }

    /** Short, stable and unique for a run. */
    static String runKey(String runId, int revision) {
        return CanonicalJson.sha256((runId + " " + revision).getBytes(StandardCharsets.UTF_8))
                .substring(7, 19);
    }
}
