package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.List;

/** Partitions that come and go. Every such change locks the DEFAULT partition, whose rows might belong elsewhere. */
final class PartitionEffects {
    private PartitionEffects() {}

    static void attach(EffectsBuilder effects, Relation parent, JsonNode command) {
        WrittenName name = Nodes.name(command.path("name"));
        effects.lock(parent, SHARE_UPDATE_EXCLUSIVE);
        joinParent(effects, parent, command.path("bound"));
        effects.require(name).ifPresent(child -> {
            List<Relation> tree = effects.facts().tree(child);
            tree.forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, unlessChecked(one)));
            for (Constraint foreignKey : SchemaFacts.foreignKeys(parent)) {
                effects.facts().referenced(foreignKey).ifPresent(to -> {
                    effects.lock(to, SHARE_ROW_EXCLUSIVE);
                    new ForeignKeyEffects(effects).check(tree, to, ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE);
                });
            }
            indexes(effects, parent, tree);
        });
    }

    /** An index of the parent takes in one of the same shape; where there is none, it is built. */
    private static void indexes(EffectsBuilder effects, Relation parent, List<Relation> tree) {
        for (Index index : parent.indexes()) {
            for (Relation one : tree) {
                if (index.valid() && one.indexes().isEmpty()) {
                    effects.scan(one, ACCESS_EXCLUSIVE, YES);
                } else if (!one.indexes().isEmpty()) {
                    effects.others(
                            "an index of " + one.name() + " may be taken in, and then is locked ACCESS EXCLUSIVE");
                }
            }
        }
    }

    /** CREATE TABLE ... PARTITION OF. */
    static void create(EffectsBuilder effects, Relation parent, JsonNode bound) {
        effects.lock(parent, ACCESS_EXCLUSIVE);
        joinParent(effects, parent, bound);
        for (Constraint foreignKey : SchemaFacts.foreignKeys(parent)) {
            effects.facts().referenced(foreignKey).ifPresent(to -> new ForeignKeyEffects(effects)
                    .lockReferenced(to, foreignKey.referencedColumns(), YES));
        }
    }

    private static void joinParent(EffectsBuilder effects, Relation parent, JsonNode bound) {
        effects.lockIndexes(parent, SHARE_UPDATE_EXCLUSIVE);
        if (!bound.path("is_default").asBoolean()) {
            effects.facts().defaultPartition(parent).ifPresent(rest -> effects.facts()
                    .tree(rest)
                    .forEach(one -> effects.scan(one, ACCESS_EXCLUSIVE, unlessChecked(one))));
        }
        for (Constraint foreignKey : effects.facts().foreignKeysTo(parent)) {
            effects.lock(foreignKey.table(), SHARE_ROW_EXCLUSIVE);
        }
    }

    /** A CHECK that rules out what would be looked for spares the look; whether it does is the server's to prove. */
    private static Likelihood unlessChecked(Relation relation) {
        boolean checks = relation.constraints().stream()
                .anyMatch(constraint -> constraint.kind() == Constraint.Kind.CHECK && constraint.validated());
        return checks ? DEPENDS : YES;
    }

    static void detach(EffectsBuilder effects, Relation parent, JsonNode command, String subtype) {
        WrittenName name = Nodes.name(command.path("name"));
        boolean concurrently = command.path("concurrent").asBoolean();
        boolean finalizes = subtype.equals("AT_DetachPartitionFinalize");
        effects.lock(parent, concurrently || finalizes ? SHARE_UPDATE_EXCLUSIVE : ACCESS_EXCLUSIVE);
        if (concurrently) {
            effects.waitsFor(WaitsFor.USERS_OF_THE_TABLE);
        }
        effects.facts().defaultPartition(parent).ifPresent(rest -> {
            if (concurrently) {
                effects.refuse(parent.name() + " has a DEFAULT partition, so nothing is detached CONCURRENTLY");
            } else {
                effects.lock(rest, ACCESS_EXCLUSIVE);
            }
        });
        effects.require(name).ifPresent(child -> detached(effects, parent, child));
    }

    private static void detached(EffectsBuilder effects, Relation parent, Relation child) {
        effects.lock(child, ACCESS_EXCLUSIVE);
        for (Constraint foreignKey : SchemaFacts.foreignKeys(parent)) {
            QualifiedName to = foreignKey.references();
            if (to != null) {
                effects.lock(to, SHARE_ROW_EXCLUSIVE);
            }
        }
        for (Index index : parent.indexes()) {
            effects.facts().partsOf(index).stream()
                    .filter(part -> part.table().equals(child.name()))
                    .forEach(part -> effects.lock(part.name(), ACCESS_EXCLUSIVE));
        }
        // Rows that point into the partition would lose what they point to: they are looked for.
        for (Constraint foreignKey : effects.facts().foreignKeysTo(parent)) {
            effects.facts().schema().relation(foreignKey.table()).ifPresent(from -> {
                for (Relation one : effects.facts().partitionTree(from)) {
                    effects.scan(one, ACCESS_EXCLUSIVE, YES);
                    effects.lockIndexes(one, ACCESS_SHARE);
                }
                effects.lockIndexes(child, ACCESS_SHARE);
                effects.scan(child, ACCESS_EXCLUSIVE, DEPENDS);
            });
        }
    }
}
