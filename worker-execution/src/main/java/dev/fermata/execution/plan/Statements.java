package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.Drop;
import dev.fermata.postgres.tree.Expressions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/** What each kind of statement becomes. */
final class Statements {
    private static final Set<String> ROWS = Set.of(
            "InsertStmt",
            "UpdateStmt",
            "DeleteStmt",
            "MergeStmt",
            "CopyStmt",
            "TruncateStmt",
            "SelectStmt",
            "CallStmt");

    private static final Set<String> CHANGE_ROWS = Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt");
    private static final Set<String> HAVE_QUERIES =
            Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "SelectStmt", "CreateTableAsStmt");

    private static final Pattern CASCADE = Pattern.compile("(?i)\\s+CASCADE\\s*$");

    private final SqlParser parser;

    Statements(SqlParser parser) {
        this.parser = parser;
    }

    /** At least one. */
    List<Draft> drafts(Scene scene) {
        Statement statement = scene.statement();
        if (Purge.isOne(statement)) {
            return List.of(Purge.draft(scene));
        }
        if (changesRowsWithin(statement)) {
            return List.of(
                    AsWritten.draft(scene, Undo.impossible("it changes rows within WITH, and they are not kept")));
        }
        return switch (statement.kind()) {
            case "AlterTableStmt" ->
                AlterTableRewrite.drafts(scene, AlterTable.of(statement).orElseThrow());
            case "IndexStmt" -> IndexRewrite.create(scene).orElseGet(() -> asWritten(scene));
            case "AlterDomainStmt" -> ConstraintRewrite.addedToDomain(scene).orElseGet(() -> asWritten(scene));
            case "DropStmt" -> drop(scene, Drop.of(statement).orElseThrow());
            case "ReindexStmt" -> List.of(IndexRewrite.reindex(scene));
            case "RenameStmt", "AlterObjectSchemaStmt" -> Renaming.drafts(scene);
            case "UpdateStmt", "DeleteStmt" -> DataChange.drafts(scene);
            case "InsertStmt" -> List.of(Insertion.draft(scene));
            case "TruncateStmt" -> truncate(scene);
            case "MergeStmt" -> List.of(AsWritten.draft(scene, Undo.impossible("what it overwrites is not kept")));
            case "GrantStmt" -> List.of(AsWritten.draft(scene, Granting.undo(scene, statement)));
            case "AlterOwnerStmt" -> List.of(AsWritten.draft(scene, Ownership.ofOwner(scene, statement)));
            case "VacuumStmt" -> List.of(vacuum(scene));
            case "RefreshMatViewStmt" -> List.of(refresh(scene));
            case "CreateExtensionStmt" -> List.of(NewExtension.draft(scene));
            case "AlterEnumStmt" -> List.of(EnumValue.draft(scene));
            case "SelectStmt" -> List.of(AsWritten.draft(scene, SequencePosition.stays(scene, select(scene))));
            case "AlterSeqStmt" -> List.of(AsWritten.draft(scene, SequencePosition.stays(scene, Reversal.of(scene))));
            case "DoStmt" -> List.of(AsWritten.draft(scene, block(scene)));
            case "CallStmt" -> List.of(AsWritten.draft(scene, Undo.impossible("what the procedure does is not known")));
            default -> asWritten(scene);
        };
    }

    /** {@code WITH gone AS (DELETE ... RETURNING *)}, in whichever statement that has a query (documentation, 7.8.4). */
    private static boolean changesRowsWithin(Statement statement) {
        AtomicBoolean changes = new AtomicBoolean();
        if (HAVE_QUERIES.contains(statement.kind())) {
            Expressions.each(
                    statement.node(), (kind, inner) -> changes.compareAndSet(false, CHANGE_ROWS.contains(kind)));
        }
        return changes.get();
    }

    private static List<Draft> asWritten(Scene scene) {
        return List.of(AsWritten.draft(scene, Reversal.of(scene)));
    }

    private static List<Draft> drop(Scene scene, Drop drop) {
        Optional<List<Draft>> index = drop.object().equals("INDEX") ? IndexRewrite.drop(scene, drop) : Optional.empty();
        return index.or(() -> Removal.of(scene).map(List::of))
                .orElseGet(() -> List.of(
                        takesNothingAlong(scene, drop)
                                ? alone(scene)
                                : asWritten(scene).getFirst()));
    }

    private static boolean takesNothingAlong(Scene scene, Drop drop) {
        List<ObjectName> removed = scene.diff().removed().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> !name.is("comment on", "owner of", "grant on"))
                .toList();
        long whole = removed.stream().filter(name -> name.parts().size() < 3).count();
        return drop.cascade()
                && scene.online()
                && scene.diff().changed().isEmpty() // a default goes with its function
                && whole == drop.names().size()
                && removed.stream()
                        .allMatch(name -> drop.names().stream().anyMatch(written -> isPartOf(written, name.parts())));
    }

    private static boolean isPartOf(WrittenName whole, List<String> parts) {
        return parts.size() == 1
                ? parts.getFirst().equals(whole.name())
                : parts.get(1).equals(whole.name())
                        && (!whole.hasSchema() || parts.getFirst().equals(whole.schema()));
    }

    /** What rests in the attic is not seen when it is tried, and would go along where it needs the same. */
    private static Draft alone(Scene scene) {
        Draft draft = asWritten(scene).getFirst();
        return new Draft(
                draft.phase(),
                draft.kind(),
                List.of(CASCADE.matcher(draft.sql().getFirst()).replaceFirst("")),
                draft.online(),
                draft.reason() + "; without CASCADE, as nothing in use needs it, and what rests may not go along",
                draft.undo(),
                draft.verify(),
                draft.batching());
    }

    /** Without anything that could notice the difference it is a DELETE of all rows, which can be taken back. */
    private List<Draft> truncate(Scene scene) {
        JsonNode node = scene.statement().node();
        QualifiedName table = Sql.relation(node.path("relations").path(0).path("RangeVar"), scene);
        if (scene.isNew(table) && node.path("relations").size() == 1) {
            return List.of(AsWritten.draft(scene, Undo.by()));
        }
        Optional<Relation> relation = scene.relation(table);
        boolean plain = scene.online()
                && node.path("relations").size() == 1
                && !node.path("restart_seqs").asBoolean()
                && relation.filter(r -> r.triggers().isEmpty()).isPresent()
                && !Keys.of(scene, table).isEmpty()
                && scene.before().schema().foreignKeysTo(table).isEmpty();
        if (!plain) {
            return List.of(AsWritten.draft(scene, Undo.impossible("the rows would be gone")));
        }
        Statement delete = parser.parseScript("DELETE FROM " + table.sql()).get(0);
        return DataChange.drafts(scene.with(delete));
    }

    private static Draft vacuum(Scene scene) {
        boolean analyze = scene.effects().runsInTransaction();
        Draft draft = AsWritten.draft(scene, Undo.by());
        return analyze
                ? draft
                : new Draft(
                        Phase.MIGRATE,
                        StepKind.AUTOCOMMIT,
                        draft.sql(),
                        draft.online(),
                        draft.reason(),
                        draft.undo(),
                        List.of("SELECT false"), // doing it twice is harmless
                        null);
    }

    /** CONCURRENTLY needs a unique index over all rows (PostgreSQL documentation, REFRESH MATERIALIZED VIEW). */
    private static Draft refresh(Scene scene) {
        JsonNode node = scene.statement().node();
        Optional<Relation> view = scene.relation(Sql.relation(node.path("relation"), scene));
        boolean full = view.filter(relation -> isPopulated(scene, relation)).isPresent();
        boolean empties = node.path("skipData").asBoolean();
        boolean can = scene.online()
                && full
                && !empties
                && !node.path("concurrent").asBoolean()
                && view.stream()
                        .flatMap(relation -> relation.indexes().stream())
                        .anyMatch(Statements::coversAllRows);
        String refresh = "REFRESH MATERIALIZED VIEW "
                + view.map(relation -> relation.name().sql()).orElse("");
        if (can) {
            return Draft.transaction(
                    Phase.MIGRATE,
                    "CONCURRENTLY, so that it can be read meanwhile",
                    Undo.by(),
                    refresh.replaceFirst("VIEW ", "VIEW CONCURRENTLY "));
        }
        return AsWritten.draft(
                scene,
                view.isEmpty() || full != empties ? Undo.by() : Undo.by(refresh + (empties ? "" : " WITH NO DATA")));
    }

    private static boolean isPopulated(Scene scene, Relation view) {
        return scene.before()
                .catalog()
                .definition("materialized view " + view.name().sql())
                .filter(Recreating::isPopulated)
                .isPresent();
    }

    private static boolean coversAllRows(Index index) {
        return index.unique()
                && index.valid()
                && index.predicate() == null
                && !index.keys().contains("");
    }

    /** One that makes a table is taken back as CREATE TABLE AS is. */
    private static Undo select(Scene scene) {
        JsonNode node = scene.statement().node();
        if (!scene.diff().isEmpty()) {
            return Reversal.of(scene);
        }
        Set<String> functions = Expressions.functions(node);
        boolean harmless = functions.isEmpty() || functions.equals(Set.of("setval"));
        return harmless ? Undo.by() : Undo.impossible("what " + String.join(", ", functions) + " does is not known");
    }

    /** A block that only has DDL can be taken back as DDL can. */
    private Undo block(Scene scene) {
        Optional<Body> body = Body.of(scene.statement(), parser);
        boolean known = body.filter(Body::isKnown).isPresent();
        boolean onlyDefinitions = known
                && body.get().statements().stream()
                        .noneMatch(inner -> ROWS.contains(inner.statement().kind()));
        return onlyDefinitions
                ? Undo.both(ownership(scene, body.get()), Reversal.of(scene))
                : Undo.impossible(known ? "the block changes rows" : "what the block does is not known");
    }

    /** The empty copy does not show all of that, as nobody has got rights there and all belongs to one. */
    private static Undo ownership(Scene scene, Body body) {
        Undo undo = Undo.by();
        for (BodyStatement inner : body.statements().reversed()) {
            Statement statement = inner.statement();
            undo = switch (statement.kind()) {
                case "GrantStmt" -> Undo.both(undo, Granting.undo(scene, statement));
                case "AlterOwnerStmt", "AlterTableStmt" -> Undo.both(undo, Ownership.ofOwner(scene, statement));
                default -> undo;
            };
        }
        return undo;
    }
}
