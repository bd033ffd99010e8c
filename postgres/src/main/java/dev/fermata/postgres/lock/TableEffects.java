package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.SHARE_UPDATE_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Statements on whole tables and views: made, emptied, locked, refreshed, analyzed, renamed, moved. */
final class TableEffects {
    private TableEffects() {}

    static void create(JsonNode node, EffectsBuilder effects) {
        WrittenName name = Nodes.name(node.path("relation"));
        if (node.path("if_not_exists").asBoolean()
                && effects.facts().relation(name).isPresent()) {
            return;
        }
        List<WrittenName> parents = Nodes.names(node.path("inhRelations"));
        for (WrittenName parent : parents) {
            effects.require(parent).ifPresent(relation -> {
                if (node.has("partbound")) {
                    PartitionEffects.create(
                            effects, relation, node.path("partbound").path("PartitionBoundSpec"));
                } else {
                    effects.lock(relation, SHARE_UPDATE_EXCLUSIVE);
                }
            });
        }
        if (node.has("ofTypename")) {
            List<String> type = Nodes.strings(node.path("ofTypename").path("names"));
            effects.require(Nodes.name(type, 0)).ifPresent(relation -> effects.lock(relation, ACCESS_SHARE));
        }
        for (JsonNode element : node.path("tableElts")) {
            if (element.has("TableLikeClause")) {
                effects.require(Nodes.name(element.path("TableLikeClause").path("relation")))
                        .ifPresent(relation -> effects.lock(relation, ACCESS_SHARE));
            }
        }
        ForeignKeyEffects keys = new ForeignKeyEffects(effects);
        ColumnLocks.foreignKeys(node.path("tableElts")).forEach(keys::addToNewTable);
    }

    static void createAs(JsonNode node, EffectsBuilder effects) {
        JsonNode into = node.path("into");
        boolean there = node.path("if_not_exists").asBoolean()
                && effects.facts().relation(Nodes.name(into.path("rel"))).isPresent();
        if (there || into.path("skipData").asBoolean()) {
            QueryEffects.understood(node.path("query"), effects);
        } else {
            QueryEffects.planned(node.path("query"), effects);
        }
    }

    static void createView(JsonNode node, EffectsBuilder effects) {
        if (node.path("replace").asBoolean()) {
            effects.facts()
                    .relation(Nodes.name(node.path("view")))
                    .ifPresent(view -> effects.lock(view, ACCESS_EXCLUSIVE));
        }
        QueryEffects.understood(node.path("query"), effects);
    }

    static void refresh(JsonNode node, EffectsBuilder effects) {
        effects.require(Nodes.name(node.path("relation"))).ifPresent(view -> {
            if (node.path("concurrent").asBoolean()) {
                effects.scan(view, EXCLUSIVE, YES);
                effects.lockIndexes(view, ROW_EXCLUSIVE);
            } else {
                effects.rewrite(view, YES);
            }
            if (!node.path("skipData").asBoolean()) {
                QueryEffects.refreshed(view, effects);
            }
        });
    }

    static void truncate(JsonNode node, EffectsBuilder effects) {
        boolean cascade = node.path("behavior").asText().equals("DROP_CASCADE");
        Set<QualifiedName> emptied = new LinkedHashSet<>();
        Deque<Relation> open = new ArrayDeque<>();
        for (JsonNode table : node.path("relations")) {
            JsonNode name = table.path("RangeVar");
            effects.require(Nodes.name(name)).ifPresent(relation -> {
                if (name.path("inh").asBoolean()) {
                    open.addAll(effects.facts().tree(relation));
                } else {
                    open.add(relation);
                }
            });
        }
        Set<Relation> named = Set.copyOf(open);
        while (!open.isEmpty()) {
            Relation table = open.pop();
            if (!emptied.add(table.name())) {
                continue;
            }
            empty(effects, table, node.path("restart_seqs").asBoolean());
            for (Constraint foreignKey : effects.facts().foreignKeysTo(table)) {
                if (cascade) {
                    effects.facts()
                            .schema()
                            .relation(foreignKey.table())
                            .ifPresent(from -> open.addAll(effects.facts().tree(from)));
                } else if (named.stream().noneMatch(one -> one.name().equals(foreignKey.table()))) {
                    effects.refuse("%s cannot be truncated: a foreign key of %s points to it"
                            .formatted(table.name(), foreignKey.table()));
                }
            }
        }
    }

    /** The files are made anew, empty: a rewrite in name, and fast whatever the size. */
    private static void empty(EffectsBuilder effects, Relation table, boolean restart) {
        boolean hasFile = SchemaFacts.hasFile(table);
        effects.add(table.name(), ACCESS_EXCLUSIVE, YES, hasFile ? YES : NO, NO);
        if (hasFile) {
            table.indexes().forEach(index -> effects.add(index.name(), ACCESS_EXCLUSIVE, YES, YES, NO));
        }
        if (restart) {
            effects.facts()
                    .ownedSequences(table, Set.of())
                    .forEach(sequence -> effects.add(sequence.name(), ACCESS_EXCLUSIVE, YES, YES, NO));
        }
    }

    static void lock(JsonNode node, EffectsBuilder effects) {
        LockMode mode = LockMode.ofNumber(node.path("mode").asInt());
        for (JsonNode table : node.path("relations")) {
            JsonNode name = table.path("RangeVar");
            effects.require(Nodes.name(name))
                    .ifPresent(relation ->
                            lock(effects, relation, mode, name.path("inh").asBoolean()));
        }
    }

    private static void lock(EffectsBuilder effects, Relation relation, LockMode mode, boolean heirs) {
        effects.lockAll(heirs ? effects.facts().tree(relation) : List.of(relation), mode);
        if (relation.kind() == Relation.Kind.VIEW) {
            effects.facts().under(relation).forEach(under -> lock(effects, under, mode, true));
        }
    }

    static void vacuum(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        boolean full = Nodes.hasOption(node.path("options"), "full");
        boolean vacuum = node.path("is_vacuumcmd").asBoolean();
        if (!node.has("rels")) {
            effects.lift(profile);
        }
        for (JsonNode element : node.path("rels")) {
            WrittenName name = Nodes.name(element.path("VacuumRelation").path("relation"));
            if (full) {
                IndexEffects.rewrite(effects, name);
            } else {
                effects.require(name).ifPresent(table -> vacuum(effects, table, vacuum));
            }
        }
    }

    private static void vacuum(EffectsBuilder effects, Relation table, boolean vacuum) {
        for (Relation one : effects.facts().partitionTree(table)) {
            effects.scan(one, SHARE_UPDATE_EXCLUSIVE, vacuum ? YES : NO);
            if (!SchemaFacts.isPartitioned(one)) {
                effects.lockIndexes(one, vacuum ? ROW_EXCLUSIVE : ACCESS_SHARE);
            }
        }
        if (!vacuum && !SchemaFacts.isPartitioned(table)) {
            // Heirs of a plain table are sampled for it; since 18 they are analyzed for themselves as well.
            effects.facts().tree(table).stream().skip(1).forEach(heir -> {
                effects.lock(heir, effects.since(18) ? SHARE_UPDATE_EXCLUSIVE : ACCESS_SHARE);
                if (effects.since(18)) {
                    effects.lockIndexes(heir, ACCESS_SHARE);
                }
            });
        }
    }

    static void setSchema(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        if (!node.has("relation")) {
            effects.lift(profile);
            return;
        }
        effects.require(Nodes.name(node.path("relation"))).ifPresent(relation -> {
            effects.lock(relation, ACCESS_EXCLUSIVE);
            effects.lockAll(effects.facts().ownedSequences(relation, Set.of()), ACCESS_EXCLUSIVE);
        });
    }

    static void createTrigger(JsonNode node, EffectsBuilder effects) {
        effects.require(Nodes.name(node.path("relation")))
                .ifPresent(table -> effects.lockAll(
                        node.path("row").asBoolean() ? effects.facts().partitionTree(table) : List.of(table),
                        LockMode.SHARE_ROW_EXCLUSIVE));
        if (node.has("constrrel")) {
            effects.require(Nodes.name(node.path("constrrel"))).ifPresent(table -> effects.lock(table, ACCESS_SHARE));
        }
    }
}
