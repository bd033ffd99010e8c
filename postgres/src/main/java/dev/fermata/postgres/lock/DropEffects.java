package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.UserType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** DROP, and what goes with what is dropped: all of it is locked ACCESS EXCLUSIVE. */
final class DropEffects {
    private final EffectsBuilder effects;
    private final boolean cascade;
    private final Set<QualifiedName> dropped = new HashSet<>();

    DropEffects(EffectsBuilder effects, boolean cascade) {
        this.effects = effects;
        this.cascade = cascade;
    }

    static void of(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        boolean cascade = node.path("behavior").asText().equals("DROP_CASCADE");
        DropEffects drop = new DropEffects(effects, cascade);
        String type = node.path("removeType").asText();
        List<Relation> relations = drop.relations(node, type);
        // What is dropped together is in nobody's way.
        relations.forEach(relation -> drop.dropped.add(relation.name()));
        relations.forEach(drop::relation);
        for (JsonNode object : node.path("objects")) {
            drop.object(type, object, node);
        }
        if (!HANDLED.contains(type)) {
            effects.lift(profile);
        }
    }

    private static final Set<String> RELATIONS =
            Set.of("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE");

    private static final Set<String> HANDLED = Set.of(
            "OBJECT_TABLE",
            "OBJECT_FOREIGN_TABLE",
            "OBJECT_VIEW",
            "OBJECT_MATVIEW",
            "OBJECT_SEQUENCE",
            "OBJECT_INDEX",
            "OBJECT_TRIGGER",
            "OBJECT_RULE",
            "OBJECT_POLICY",
            "OBJECT_TYPE",
            "OBJECT_DOMAIN",
            "OBJECT_FUNCTION");

    private List<Relation> relations(JsonNode node, String type) {
        if (!RELATIONS.contains(type)) {
            return List.of();
        }
        List<Relation> found = new ArrayList<>();
        for (JsonNode object : node.path("objects")) {
            WrittenName name = Nodes.name(Nodes.strings(object), 0);
            Optional<Relation> relation = effects.facts().relation(name);
            relation.ifPresent(found::add);
            if (relation.isEmpty() && !node.path("missing_ok").asBoolean()) {
                effects.missing(name);
            }
        }
        return found;
    }

    private void object(String type, JsonNode object, JsonNode node) {
        boolean missingOk = node.path("missing_ok").asBoolean();
        switch (type) {
            case "OBJECT_INDEX" -> {
                WrittenName name = Nodes.name(Nodes.strings(object), 0);
                Optional<Index> index = effects.facts().index(name);
                if (index.isPresent()) {
                    index.get()
                            .constraintName()
                            .ifPresent(constraint -> effects.refuse(
                                    "%s cannot be dropped: constraint '%s' needs it".formatted(name, constraint)));
                    dropIndex(index.get(), node.path("concurrent").asBoolean());
                } else if (!missingOk) {
                    effects.missing(name);
                }
            }
            case "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY" -> ofTable(type, object, missingOk);
            case "OBJECT_TYPE", "OBJECT_DOMAIN" ->
                type(Nodes.name(Nodes.strings(object.path("TypeName").path("names")), 0));
            case "OBJECT_FUNCTION" ->
                function(Nodes.name(Nodes.strings(object.path("ObjectWithArgs").path("objname")), 0));
            default -> {}
        }
    }

    private void ofTable(String type, JsonNode object, boolean missingOk) {
        List<String> parts = Nodes.strings(object);
        effects.require(Nodes.name(parts, 1)).ifPresent(table -> {
            boolean there =
                    switch (type) {
                        case "OBJECT_TRIGGER" ->
                            table.triggers().stream()
                                    .anyMatch(trigger -> trigger.name().equals(parts.getLast()));
                        case "OBJECT_POLICY" ->
                            table.policies().stream()
                                    .anyMatch(policy -> policy.name().equals(parts.getLast()));
                        default -> true;
                    };
            if (there || !missingOk) {
                boolean trigger = type.equals("OBJECT_TRIGGER");
                effects.lockAll(trigger ? effects.facts().partitionTree(table) : List.of(table), ACCESS_EXCLUSIVE);
            }
        });
    }

    private void dropIndex(Index index, boolean concurrently) {
        LockMode mode = concurrently ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE;
        effects.lock(index.name(), concurrently ? ACCESS_EXCLUSIVE : mode);
        effects.lock(index.table(), mode);
        for (Index part : effects.facts().partsOf(index)) {
            effects.lock(part.name(), mode);
            effects.lock(part.table(), mode);
        }
        // Of an index on ONLY the parent nobody here knows which parts it has.
        if (!index.valid()) {
            effects.facts().tableOf(index).filter(SchemaFacts::isPartitioned).ifPresent(table -> {
                for (Relation part : effects.facts().tree(table)) {
                    effects.lock(part, mode);
                }
            });
        }
        if (concurrently) {
            effects.waitsFor(WaitsFor.USERS_OF_THE_TABLE);
        }
    }

    /** A table, view or sequence with all that is its own. */
    void relation(Relation relation) {
        dropped.add(relation.name());
        effects.lock(relation, ACCESS_EXCLUSIVE);
        effects.lockIndexes(relation, ACCESS_EXCLUSIVE);
        effects.lockAll(effects.facts().ownedSequences(relation, Set.of()), ACCESS_EXCLUSIVE);
        for (Constraint foreignKey : SchemaFacts.foreignKeys(relation)) {
            // A partition's share of its parent's foreign key goes without a look at the other table.
            if (foreignKey.inherited()) {
                continue;
            }
            effects.facts()
                    .referenced(foreignKey)
                    .ifPresent(to -> effects.lockAll(effects.facts().partitionTree(to), ACCESS_EXCLUSIVE));
        }
        effects.facts().foreignKeysTo(relation).forEach(this::dependantForeignKey);
        views(relation, Set.of());
        children(relation);
        if (relation.isPartition()) {
            for (Relation parent : effects.facts().parents(relation)) {
                effects.lock(parent, ACCESS_EXCLUSIVE);
                effects.facts()
                        .defaultPartition(parent)
                        .ifPresent(partition -> effects.lock(partition, ACCESS_EXCLUSIVE));
            }
        }
        if (relation.kind() == Relation.Kind.SEQUENCE) {
            defaults(relation);
        }
    }

    private void children(Relation relation) {
        for (QualifiedName child : relation.children()) {
            if (!SchemaFacts.isPartitioned(relation) && !dropped.contains(child)) {
                requireCascade("table " + relation.name(), "table " + child);
            }
            if (!dropped.contains(child)) {
                effects.facts().schema().relation(child).ifPresent(this::relation);
            }
        }
    }

    /** Tables whose columns take their default from the sequence. */
    private void defaults(Relation sequence) {
        String text = sequence.name().name();
        for (Relation relation : effects.facts().schema().relations()) {
            relation.columns().forEach(column -> {
                String expression = column.defaultExpression();
                if (expression != null && expression.startsWith("nextval(") && SchemaFacts.mentions(expression, text)) {
                    requireCascade("sequence " + sequence.name(), "default of " + relation.name());
                    effects.lock(relation, ACCESS_EXCLUSIVE);
                }
            });
        }
    }

    /** Views that read the relation, or those columns of it. */
    void views(Relation relation, Set<String> columns) {
        for (Relation view : effects.facts().viewsOver(relation, columns)) {
            if (dropped.contains(view.name())) {
                continue;
            }
            requireCascade(relation.name().toString(), "view " + view.name());
            effects.lock(view, ACCESS_EXCLUSIVE);
            effects.lockIndexes(view, ACCESS_EXCLUSIVE);
        }
    }

    /** An index that goes with its column. */
    void index(Index index) {
        effects.lock(index.name(), ACCESS_EXCLUSIVE);
        effects.lock(index.table(), ACCESS_EXCLUSIVE);
    }

    void constraintIndex(Relation table, Constraint constraint) {
        for (Index index : table.indexes()) {
            if (constraint.name().equals(index.constraint())) {
                index(index);
                effects.facts().partsOf(index).forEach(this::index);
            }
        }
        for (Constraint foreignKey : effects.facts().foreignKeysTo(table)) {
            if (Set.copyOf(foreignKey.referencedColumns()).equals(Set.copyOf(constraint.columns()))) {
                dependantForeignKey(foreignKey);
            }
        }
    }

    /** Both ends, with their partitions. */
    void foreignKey(Constraint foreignKey) {
        effects.facts()
                .schema()
                .relation(foreignKey.table())
                .ifPresent(from -> effects.lockAll(effects.facts().partitionTree(from), ACCESS_EXCLUSIVE));
        effects.facts()
                .referenced(foreignKey)
                .ifPresent(to -> effects.lockAll(effects.facts().partitionTree(to), ACCESS_EXCLUSIVE));
    }

    /** A foreign key of another table, which goes if this one does. */
    void dependantForeignKey(Constraint foreignKey) {
        if (!dropped.contains(foreignKey.table())) {
            requireCascade(String.valueOf(foreignKey.references()), "foreign key of " + foreignKey.table());
        }
        effects.facts()
                .schema()
                .relation(foreignKey.table())
                .ifPresent(from -> effects.lockAll(effects.facts().partitionTree(from), ACCESS_EXCLUSIVE));
    }

    void requireCascade(String what, String dependant) {
        if (!cascade) {
            effects.refuse("%s cannot be dropped without CASCADE: %s depends on it".formatted(what, dependant));
        }
    }

    private void type(WrittenName name) {
        Optional<UserType> type = effects.facts().schema().type(name.schema(), name.name());
        effects.facts().relation(name).ifPresent(composite -> effects.lock(composite, ACCESS_EXCLUSIVE));
        type.ifPresent(found -> found.usedBy().forEach(column -> {
            requireCascade(found.kind().name().toLowerCase(Locale.ROOT) + " " + found.name(), column.toString());
            effects.lock(column.table(), ACCESS_EXCLUSIVE);
        }));
    }

    private void function(WrittenName name) {
        for (Relation relation : effects.facts().schema().relations()) {
            relation.triggers().stream()
                    .filter(trigger -> trigger.function().name().equals(name.name()))
                    .forEach(trigger -> {
                        requireCascade("function " + name, "trigger of " + relation.name());
                        effects.lockAll(effects.facts().partitionTree(relation), ACCESS_EXCLUSIVE);
                    });
        }
        if (cascade) {
            effects.others("CASCADE drops and locks whatever else depends on the function");
        }
    }
}
