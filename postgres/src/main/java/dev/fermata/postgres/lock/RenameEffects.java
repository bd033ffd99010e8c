package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Optional;

/** RENAME of relations, columns, constraints and triggers. */
final class RenameEffects {
    private RenameEffects() {}

    static void of(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        WrittenName name = Nodes.name(node.path("relation"));
        String type = node.path("renameType").asText();
        if (node.path("missing_ok").asBoolean()
                && effects.facts().relation(name).isEmpty()
                && effects.facts().index(name).isEmpty()) {
            return;
        }
        switch (type) {
            case "OBJECT_COLUMN" -> tree(effects, name);
            case "OBJECT_TABCONSTRAINT" ->
                effects.require(name)
                        .ifPresent(table ->
                                constraint(effects, table, node.path("subname").asText()));
            case "OBJECT_TRIGGER" ->
                effects.require(name)
                        .ifPresent(table -> effects.lockAll(effects.facts().partitionTree(table), ACCESS_EXCLUSIVE));
            case "OBJECT_ATTRIBUTE" ->
                TypeEffects.alterComposite(name, node.path("behavior").asText().equals("DROP_CASCADE"), effects);
            default -> effects.lift(profile);
        }
    }

    private static void tree(EffectsBuilder effects, WrittenName name) {
        effects.require(name).ifPresent(table -> effects.lockAll(effects.facts().tree(table), ACCESS_EXCLUSIVE));
    }

    private static void constraint(EffectsBuilder effects, Relation table, String name) {
        effects.lock(table, ACCESS_EXCLUSIVE);
        Optional<Constraint> constraint = table.constraint(name);
        boolean inherited = constraint
                .map(one -> one.kind() == Constraint.Kind.CHECK || one.kind() == Constraint.Kind.NOT_NULL)
                .orElse(false);
        effects.lockAll(inherited ? effects.facts().tree(table) : List.of(table), ACCESS_EXCLUSIVE);
        table.indexes().stream()
                .filter(index -> name.equals(index.constraint()))
                .forEach(index -> effects.lock(index.name(), SHARE_UPDATE_EXCLUSIVE));
    }
}
