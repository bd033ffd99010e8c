package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** ALTER COLUMN TYPE: the rows, and whatever has to be made again because it knows the column's type. */
final class ColumnTypeEffects {
    private static final Set<String> IN_THE_WAY = Set.of(
            "view", "materialized view", "rule", "policy", "trigger", "generated column", "function", "publication");

    private final EffectsBuilder effects;
    private final Relation table;
    private final List<Relation> tree;

    ColumnTypeEffects(EffectsBuilder effects, Relation table, List<Relation> tree) {
        this.effects = effects;
        this.table = table;
        this.tree = tree;
    }

    void alter(String name, JsonNode definition) {
        Column column = table.column(name).orElse(null);
        if (column == null) {
            effects.refuse(table.name() + " has no column '" + name + "'");
            return;
        }
        SchemaModel schema = effects.facts().schema();
        SqlType to = SqlType.written(definition.path("typeName"));
        TypeChange change = change(column, to, definition, schema);
        if (change.rewrites() == DEPENDS) {
            effects.note(
                    "rewrites unless the server can prove that the stored bytes stay; for timestamp and timestamptz"
                            + " it can where the session's TimeZone is UTC");
        }
        boolean newOrder = changesCollation(column, definition) || change.newIndexes() != NO;
        for (Relation one : tree) {
            one(one, name, change.rewrites(), newOrder);
        }
    }

    private TypeChange change(Column column, SqlType to, JsonNode definition, SchemaModel schema) {
        SqlType from = SqlType.printed(column.type());
        JsonNode using = definition.path("raw_default");
        if (!using.isMissingNode()) {
            boolean plain = using.path("ColumnRef").path("fields").size() == 1
                    && Nodes.strings(using.path("ColumnRef").path("fields")).equals(List.of(column.name()));
            return plain
                    ? TypeChange.of(from, to, schema)
                    : usingCast(column, from, to, using.path("TypeCast"), schema);
        }
        return TypeChange.of(from, to, schema);
    }

    /** USING column::type is free if both steps are. */
    private static TypeChange usingCast(Column column, SqlType from, SqlType to, JsonNode cast, SchemaModel schema) {
        JsonNode fields = cast.path("arg").path("ColumnRef").path("fields");
        if (!Nodes.strings(fields).equals(List.of(column.name()))) {
            return new TypeChange(YES, YES);
        }
        SqlType between = SqlType.written(cast.path("typeName"));
        TypeChange first = TypeChange.of(from, between, schema);
        TypeChange second = TypeChange.of(between, to, schema);
        return new TypeChange(
                first.rewrites().or(second.rewrites()), first.newIndexes().or(second.newIndexes()));
    }

    private static boolean changesCollation(Column column, JsonNode definition) {
        List<String> wanted = Nodes.strings(definition.path("collClause").path("collname"));
        if (wanted.isEmpty()) {
            return column.collation() != null;
        }
        String now = Objects.requireNonNullElse(column.collation(), "pg_catalog.\"default\"");
        return wanted.size() == 1
                ? !now.endsWith("." + QualifiedName.quote(wanted.getFirst()))
                : !now.equals(new QualifiedName(wanted.getFirst(), wanted.getLast()).sql());
    }

    private void one(Relation one, String name, Likelihood rewrites, boolean newOrder) {
        Set<String> column = Set.of(name);
        effects.rewrite(one, rewrites);
        boolean hasFile = SchemaFacts.hasFile(one);
        for (Index index : one.indexes()) {
            if (SchemaFacts.uses(index, column)) {
                Likelihood built = hasFile ? rewrites.or(newOrder ? YES : NO) : NO;
                effects.add(index.name(), ACCESS_EXCLUSIVE, YES, built, NO);
                effects.scan(one, ACCESS_EXCLUSIVE, built);
            }
        }
        for (Constraint constraint : one.constraints()) {
            constraint(one, constraint, name, rewrites);
        }
        for (Constraint foreignKey : effects.facts().foreignKeysTo(one)) {
            if (foreignKey.referencedColumns().contains(name)) {
                effects.facts()
                        .schema()
                        .relation(foreignKey.table())
                        .ifPresent(from -> foreignKey(from, one, foreignKey, rewrites));
            }
        }
        for (Relation sequence : effects.facts().ownedSequences(one, column)) {
            effects.lock(sequence.name(), ACCESS_SHARE, effects.since17());
        }
        effects.facts()
                .users(one, column)
                .filter(user -> IN_THE_WAY.contains(user.kind()))
                .forEach(user -> effects.refuse("the type of column '%s' cannot change: %s %s uses it"
                        .formatted(name, user.kind(), user.name())));
    }

    /** Constraints that know the column are made again, and a CHECK is then checked, with a rewrite or without. */
    private void constraint(Relation one, Constraint constraint, String name, Likelihood rewrites) {
        switch (constraint.kind()) {
            case CHECK -> {
                boolean checked = constraint.validated()
                        && constraint.enforced()
                        && (constraint.columns().contains(name) || SchemaFacts.mentions(constraint.definition(), name));
                effects.scan(one, ACCESS_EXCLUSIVE, checked ? YES : NO);
            }
            case FOREIGN_KEY -> {
                if (constraint.columns().contains(name)) {
                    effects.facts().referenced(constraint).ifPresent(to -> foreignKey(one, to, constraint, rewrites));
                }
            }
            default -> {}
        }
    }

    private void foreignKey(Relation from, Relation to, Constraint constraint, Likelihood rewrites) {
        List<Relation> fromTree = effects.facts().partitionTree(from);
        effects.lockAll(fromTree, ACCESS_EXCLUSIVE);
        effects.lockAll(effects.facts().partitionTree(to), ACCESS_EXCLUSIVE);
        new ForeignKeyEffects(effects).lockReferenced(to, constraint.referencedColumns(), YES);
        if (constraint.validated() && rewrites != NO) {
            new ForeignKeyEffects(effects).check(fromTree, to, ACCESS_EXCLUSIVE, ACCESS_EXCLUSIVE);
        }
    }
}
