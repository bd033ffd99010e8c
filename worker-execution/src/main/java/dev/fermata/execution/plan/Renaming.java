package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.tree.Rename;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * RENAME and SET SCHEMA: the same the other way. The names that an application uses, those of tables and columns, go on
 * working beside the new ones where they can.
 */
final class Renaming {
    private static final List<String> RELATIONS =
            List.of("table", "view", "materialized view", "sequence", "foreign table", "index");

    /** What applications name in their queries. */
    private static final Set<String> SEEN = Set.of("TABLE", "COLUMN", "VIEW", "MATERIALIZED VIEW");

    private Renaming() {}

    static List<Draft> drafts(Scene scene) {
        Draft atOnce = atOnce(scene);
        Optional<Rename> rename = Rename.of(scene.statement()).filter(r -> SEEN.contains(r.object()));
        Optional<Relation> relation =
                rename.flatMap(r -> scene.before().schema().relation(r.of().schema(), r.of().name()));
        if (relation.isEmpty() || !scene.online() || scene.isNew(relation.get().name())) {
            return List.of(atOnce);
        }
        if (scene.names() == Names.AT_ONCE) {
            return List.of(atOnce);
        }
        String obstacle = obstacle(scene, rename.get(), relation.get());
        return obstacle.isEmpty()
                ? withBothNames(scene, rename.get(), relation.get(), atOnce)
                : List.of(atOnce.flagged(new RedFlag(
                        "rename-at-once",
                        RiskLevel.MEDIUM,
                        Refusals.describe(scene.statement()) + " takes the old name away at once, and whoever uses it"
                                + " fails: both names do not work at a time, as " + obstacle)));
    }

    private static Draft atOnce(Scene scene) {
        Draft draft = AsWritten.draft(scene, undo(scene));
        Optional<Rename> rename =
                Rename.of(scene.statement()).filter(r -> r.object().equals("COLUMN"));
        if (rename.isEmpty() || !(draft.undo() instanceof Undo.Possible possible)) {
            return draft;
        }
        QualifiedName table =
                scene.named(rename.get().of().schema(), rename.get().of().name());
        String from = rename.get().oldName();
        String to = rename.get().newName();
        return draft.with(KeptInStep.following(draft.sql(), scene, table, from, to))
                .takenBackBy(Undo.by(KeptInStep.following(possible.inverse().sql(), scene, table, to, from)
                        .toArray(String[]::new)));
    }

    private static String obstacle(Scene scene, Rename rename, Relation relation) {
        if (!scene.names().obstacle().isEmpty()) {
            return scene.names().obstacle();
        }
        return rename.object().equals("COLUMN")
                ? relation.column(rename.oldName())
                        .map(column -> ColumnRename.obstacle(scene, relation, column))
                        .orElse("the column is not known")
                : TableRename.obstacle(relation);
    }

    private static List<Draft> withBothNames(Scene scene, Rename rename, Relation relation, Draft atOnce) {
        List<String> back = atOnce.undo() instanceof Undo.Possible possible
                ? possible.inverse().sql()
                : List.of();
        return rename.object().equals("COLUMN")
                ? ColumnRename.drafts(
                        scene, relation, relation.column(rename.oldName()).orElseThrow(), rename.newName(), atOnce)
                : TableRename.drafts(scene, relation, rename.newName(), back);
    }

    private static Undo undo(Scene scene) {
        Optional<Rename> rename = Rename.of(scene.statement());
        if (rename.isPresent() && rename.get().of().name().isEmpty()) {
            return rename.get().object().equals("SCHEMA")
                    ? Undo.by("ALTER SCHEMA " + Sql.quote(rename.get().newName()) + " RENAME TO "
                            + Sql.quote(rename.get().oldName()))
                    : Undo.impossible("this kind of rename has no generated rollback");
        }
        return rename.map(r -> renamed(scene, r)).orElseGet(() -> moved(scene));
    }

    private static Undo renamed(Scene scene, Rename rename) {
        String to = Sql.quote(rename.newName());
        String from = Sql.quote(rename.oldName());
        String schema = rename.of().schema();
        QualifiedName relation = Set.of("ATTRIBUTE", "DOMCONSTRAINT").contains(rename.object())
                ? scene.namedType(schema, rename.of().name())
                : scene.named(schema, rename.of().name());
        return switch (rename.object()) {
            case "COLUMN", "CONSTRAINT" ->
                Undo.by("ALTER TABLE " + relation.sql() + " RENAME " + rename.object() + " " + to + " TO " + from);
            case "TRIGGER", "POLICY", "RULE" ->
                Undo.by("ALTER " + rename.object() + " " + to + " ON " + relation.sql() + " RENAME TO " + from);
            case "ATTRIBUTE" -> Undo.by("ALTER TYPE " + relation.sql() + " RENAME ATTRIBUTE " + to + " TO " + from);
            case "DOMCONSTRAINT" ->
                Undo.by("ALTER DOMAIN " + relation.sql() + " RENAME CONSTRAINT " + to + " TO " + from);
            default -> whole(scene, relation.name());
        };
    }

    private static Undo moved(Scene scene) {
        return whole(scene, "");
    }

    /**
     * The object has another name now: what went and what came are its old name and its new one.
     *
     * @param old its name before; empty where it keeps its name and the schema is another
     */
    private static Undo whole(Scene scene, String old) {
        CatalogDiff diff = scene.diff();
        for (String identity : diff.removed().keySet()) {
            ObjectName was = ObjectName.of(identity);
            Optional<ObjectName> is = diff.added().keySet().stream()
                    .map(ObjectName::of)
                    .filter(name -> name.kind().equals(was.kind()))
                    .filter(name -> old.isEmpty()
                            ? name.name().equals(was.name()) && !name.schema().equals(was.schema())
                            : was.name().equals(old) && name.schema().equals(was.schema()))
                    .findFirst();
            if (is.isPresent() && names(was, scene)) {
                return Undo.by("ALTER " + was.kind().toUpperCase(Locale.ROOT) + " "
                        + is.get().sql()
                        + (old.isEmpty()
                                ? " SET SCHEMA " + Sql.quote(was.schema())
                                : " RENAME TO " + Sql.quote(was.name())));
            }
        }
        return Undo.impossible("this kind of rename has no generated rollback");
    }

    /** The statement is about this very object, and not about one that is renamed with it. */
    private static boolean names(ObjectName was, Scene scene) {
        JsonNode node = scene.statement().node();
        if (node.has("relation")) {
            return RELATIONS.contains(was.kind())
                    && was.name().equals(node.path("relation").path("relname").asText());
        }
        return !RELATIONS.contains(was.kind())
                && !was.is("column", "constraint", "trigger", "rule", "policy", "comment on", "owner of", "grant on");
    }
}
