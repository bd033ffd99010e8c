package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.List;

/** CREATE INDEX, ALTER INDEX, REINDEX and CLUSTER. */
final class IndexEffects {
    private IndexEffects() {}

    static void create(JsonNode node, EffectsBuilder effects) {
        boolean concurrently = node.path("concurrent").asBoolean();
        LockMode mode = concurrently ? SHARE_UPDATE_EXCLUSIVE : SHARE;
        effects.require(Nodes.name(node.path("relation"))).ifPresent(table -> {
            String name = node.path("idxname").asText();
            boolean there = node.path("if_not_exists").asBoolean()
                    && effects.facts()
                            .index(new WrittenName(table.name().schema(), name))
                            .isPresent();
            if (there) {
                effects.lock(table, mode);
                return;
            }
            boolean inherits = node.path("relation").path("inh").asBoolean();
            List<Relation> built = inherits ? effects.facts().partitionTree(table) : List.of(table);
            built.forEach(one -> effects.scan(one, mode, YES));
            if (concurrently) {
                effects.waitsFor(WaitsFor.WRITERS_OF_THE_TABLE);
                effects.waitsFor(WaitsFor.OLDER_SNAPSHOTS);
                if (SchemaFacts.isPartitioned(table)) {
                    effects.refuse(table.name() + " is partitioned, so no index is built CONCURRENTLY on it");
                }
            }
        });
    }

    /** ALTER INDEX other than RENAME. */
    static void alter(JsonNode statement, LockMode mode, EffectsBuilder effects) {
        WrittenName name = Nodes.name(statement.path("relation"));
        if (effects.facts().index(name).isEmpty()
                && statement.path("missing_ok").asBoolean()) {
            return;
        }
        effects.requireIndex(name).ifPresent(index -> {
            effects.lock(index.name(), mode);
            for (JsonNode element : statement.path("cmds")) {
                JsonNode command = element.path("AlterTableCmd");
                switch (command.path("subtype").asText()) {
                    case "AT_AttachPartition" ->
                        attach(effects, index, command.path("def").path("PartitionCmd"));
                    case "AT_SetTableSpace" -> {
                        if (!command.path("name").asText().equals("pg_default")) {
                            effects.note("copies the index unless it is there already");
                            effects.add(index.name(), mode, YES, Likelihood.DEPENDS, NO);
                        }
                    }
                    default -> {}
                }
            }
        });
    }

    private static void attach(EffectsBuilder effects, Index parent, JsonNode command) {
        effects.lock(parent.table(), ACCESS_SHARE);
        effects.requireIndex(Nodes.name(command.path("name"))).ifPresent(child -> {
            effects.lock(child.name(), ACCESS_EXCLUSIVE);
            effects.lock(child.table(), ACCESS_SHARE);
        });
    }

    static void reindex(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        boolean concurrently = Nodes.hasOption(node.path("params"), "concurrently");
        WrittenName name = Nodes.name(node.path("relation"));
        LockMode mode = concurrently ? SHARE_UPDATE_EXCLUSIVE : SHARE;
        if (concurrently) {
            effects.waitsFor(WaitsFor.OLDER_SNAPSHOTS);
            // The old index is only dropped when nobody can be using it any more.
            effects.waitsFor(WaitsFor.USERS_OF_THE_TABLE);
        }
        switch (node.path("kind").asText()) {
            case "REINDEX_OBJECT_INDEX" ->
                effects.requireIndex(name)
                        .ifPresent(index -> effects.facts().tableOf(index).ifPresent(table -> {
                            rebuild(effects, table, List.of(index), mode);
                            parts(effects, table, index, mode);
                        }));
            case "REINDEX_OBJECT_TABLE" ->
                effects.require(name).ifPresent(table -> {
                    inTurn(effects, table);
                    effects.facts().partitionTree(table).forEach(one -> rebuild(effects, one, one.indexes(), mode));
                });
            default -> effects.lift(profile);
        }
    }

    private static void rebuild(EffectsBuilder effects, Relation table, List<Index> indexes, LockMode mode) {
        LockMode indexMode = mode == SHARE ? ACCESS_EXCLUSIVE : mode;
        boolean hasFile = SchemaFacts.hasFile(table);
        effects.scan(table, mode, indexes.isEmpty() ? NO : YES);
        indexes.forEach(index -> effects.add(index.name(), indexMode, YES, hasFile ? YES : NO, NO));
    }

    private static void parts(EffectsBuilder effects, Relation table, Index index, LockMode mode) {
        inTurn(effects, table);
        for (Index part : effects.facts().partsOf(index)) {
            effects.facts().tableOf(part).ifPresent(one -> rebuild(effects, one, List.of(part), mode));
        }
    }

    /** Partitions are done one after the other, each in a transaction of its own. */
    private static void inTurn(EffectsBuilder effects, Relation table) {
        if (SchemaFacts.isPartitioned(table)) {
            effects.notInTransaction();
        }
    }

    /** CLUSTER and VACUUM FULL. */
    static void rewrite(EffectsBuilder effects, WrittenName name) {
        effects.require(name).ifPresent(table -> {
            inTurn(effects, table);
            effects.facts().partitionTree(table).forEach(one -> effects.rewrite(one, YES));
        });
    }
}
