package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * UNIQUE and PRIMARY KEY: the index is built concurrently, then the constraint takes it
 * (PostgreSQL documentation, ALTER TABLE, "ADD table_constraint_using_index").
 */
final class UniqueRewrite {
    private static final Pattern CREATE_INDEX = Pattern.compile("(?is)^\\s*CREATE\\s+(UNIQUE\\s+)?INDEX\\b");

    private UniqueRewrite() {}

    /** The drafts for a key that the piece adds; empty for one that cannot be added so. */
    static Optional<List<Draft>> drafts(Scene scene, QualifiedName table, String constraint, String definition) {
        Optional<Index> index = scene.after().schema().index(new QualifiedName(table.schema(), constraint));
        boolean ordinary = scene.after()
                .schema()
                .relation(table)
                .filter(relation -> relation.kind() == Relation.Kind.TABLE)
                .isPresent();
        boolean key =
                (definition.startsWith("UNIQUE") || definition.startsWith("PRIMARY KEY")) && !isOverTime(definition);
        if (index.isEmpty() || !ordinary || !key) {
            return Optional.empty();
        }
        QualifiedName name = index.get().name();
        List<Draft> drafts = new ArrayList<>();
        drafts.add(Draft.autocommit(
                Phase.EXPAND,
                "the index first and CONCURRENTLY, so that writes to " + table + " go on while it is built",
                dropped(name),
                concurrently(index.get().definition()),
                isValid(name)));
        if (definition.startsWith("PRIMARY KEY")) {
            for (String column : index.get().keys()) {
                boolean nullable = scene.relation(table)
                        .flatMap(relation -> relation.column(column))
                        .filter(c -> !c.notNull())
                        .isPresent();
                if (nullable) {
                    drafts.addAll(ConstraintRewrite.notNull(scene, new NotNull(table, column), ""));
                }
            }
        }
        drafts.add(Draft.transaction(
                Phase.EXPAND,
                "the constraint takes the index that is there",
                Undo.by(Sql.alter(table, "DROP CONSTRAINT " + Sql.quote(constraint))),
                using(table, constraint, definition)));
        return Optional.of(drafts);
    }

    /** Its index is not a unique one, and no constraint takes it (PostgreSQL documentation, CREATE TABLE). */
    static boolean isOverTime(String definition) {
        return definition.contains(" WITHOUT OVERLAPS");
    }

    /** What adds a key again that is in the schema of the stage. */
    static List<Unit> units(Stage stage, QualifiedName table, String constraint, String definition) {
        Index index = stage.schema()
                .index(new QualifiedName(table.schema(), constraint))
                .orElseThrow(() -> new IllegalStateException("constraint " + constraint + " has no index"));
        return List.of(
                Unit.autocommit(concurrently(index.definition()), isValid(index.name())),
                Unit.transaction(using(table, constraint, definition)));
    }

    static String using(QualifiedName table, String constraint, String definition) {
        return using(table, constraint, constraint, definition);
    }

    static String using(QualifiedName table, String constraint, String index, String definition) {
        int deferrable = definition.indexOf(" DEFERRABLE");
        return Sql.alter(
                table,
                "ADD CONSTRAINT " + Sql.quote(constraint)
                        + (definition.startsWith("PRIMARY KEY") ? " PRIMARY KEY" : " UNIQUE") + " USING INDEX "
                        + Sql.quote(index) + (deferrable < 0 ? "" : definition.substring(deferrable)));
    }

    static Undo dropped(QualifiedName index) {
        return Undo.by(List.of(Unit.autocommit("DROP INDEX CONCURRENTLY IF EXISTS " + index.sql(), isGone(index))));
    }

    /** The same statement with CONCURRENTLY. */
    static String concurrently(String createIndex) {
        Matcher matcher = CREATE_INDEX.matcher(createIndex);
        if (!matcher.find()) {
            throw new IllegalStateException(
                    "not a CREATE INDEX that begins so: " + createIndex.length() + " characters");
        }
        return createIndex.substring(0, matcher.end()) + " CONCURRENTLY" + createIndex.substring(matcher.end());
    }

    static String isValid(QualifiedName index) {
        return "SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass("
                + Sql.literal(index.sql()) + ")), false)";
    }

    static String isGone(QualifiedName index) {
        return "SELECT to_regclass(" + Sql.literal(index.sql()) + ") IS NULL";
    }
}
