package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.DEPENDS;
import static dev.fermata.postgres.lock.Likelihood.NO;
import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.ROW_EXCLUSIVE;
import static dev.fermata.postgres.lock.LockMode.ROW_SHARE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Trigger;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Queries and row changes. Planning a query locks every table it reads, the partitions and heirs of those, what its
 * views read, and all indexes of all of these, whichever the plan uses in the end.
 */
final class QueryEffects {
    /** Foreign keys that change the other table's rows along. */
    private static final Pattern FOLLOWS = Pattern.compile("CASCADE|SET NULL|SET DEFAULT");

    private final EffectsBuilder effects;
    private final Set<WrittenName> withoutHeirs;
    private final List<RowChange> changes;

    private QueryEffects(EffectsBuilder effects, JsonNode node) {
        this.effects = effects;
        this.withoutHeirs = Nodes.onlyRelationsOf(node);
        this.changes = RowChange.in(node);
    }

    /** SELECT, INSERT, UPDATE, DELETE and MERGE as they are run; the node stands under the name of its kind. */
    static void run(JsonNode node, StatementProfile profile, EffectsBuilder effects) {
        QueryEffects query = new QueryEffects(effects, node);
        if (profile.coverage() != Coverage.KNOWN) {
            profile.notes().forEach(effects::others);
        }
        boolean whole = readsAll(node.path("SelectStmt"));
        for (RelationLock lock : profile.locks()) {
            effects.require(lock.relation()).ifPresent(relation -> query.relation(relation, lock, whole));
        }
    }

    /** A query that is planned as part of another statement, such as CREATE TABLE AS. */
    static void planned(JsonNode node, EffectsBuilder effects) {
        ProfileBuilder reads = new ProfileBuilder("");
        QueryLocks.reads(reads, node);
        run(node, reads.build(), effects);
    }

    /** A query that is only understood, not planned: the relations it names, and none of theirs. */
    static void understood(JsonNode node, EffectsBuilder effects) {
        Nodes.relationsOf(node)
                .forEach(name -> effects.require(name).ifPresent(relation -> effects.lock(relation, ACCESS_SHARE)));
    }

    /** The query of a materialized view. */
    static void refreshed(Relation view, EffectsBuilder effects) {
        QueryEffects query = new QueryEffects(effects, MissingNode.getInstance());
        effects.facts().under(view).forEach(relation -> query.planned(relation, ACCESS_SHARE, DEPENDS, true));
    }

    /** 15 does not look at the indexes of a partitioned table itself when it plans, 17 does. */
    static Likelihood partitionedIndexes(EffectsBuilder effects) {
        return effects.since17();
    }

    /** One table, and nothing that would spare a row of it. */
    private static boolean readsAll(JsonNode select) {
        return select.path("fromClause").size() == 1
                && select.path("fromClause").path(0).has("RangeVar")
                && !select.has("whereClause")
                && !select.has("limitCount")
                && !select.has("withClause")
                && Nodes.relationsOf(select).size() == 1;
    }

    private void relation(Relation relation, RelationLock lock, boolean whole) {
        List<RowChange> changed = changes.stream()
                .filter(change -> change.target().equals(lock.relation()))
                .toList();
        boolean heirs = !withoutHeirs.contains(lock.relation());
        if (!changed.isEmpty() && changed.stream().allMatch(RowChange::onlyInserts)) {
            insert(relation);
        } else {
            planned(relation, lock.mode(), whole && lock.scans() == DEPENDS ? YES : lock.scans(), heirs);
        }
        changed.forEach(change -> changed(relation, change));
    }

    private void planned(Relation relation, LockMode mode, Likelihood scans, boolean heirs) {
        if (relation.kind() == Relation.Kind.VIEW) {
            effects.lock(relation, mode);
            // What the view reads may be more than the statement asks for, or less.
            effects.facts().under(relation).forEach(under -> planned(under, mode, scans == NO ? NO : DEPENDS, true));
            return;
        }
        for (Relation one : heirs ? effects.facts().tree(relation) : List.of(relation)) {
            effects.scan(one, mode, effects.facts().hasRules(one) && mode == ROW_EXCLUSIVE ? DEPENDS : scans);
            effects.lockIndexes(one, mode, SchemaFacts.isPartitioned(one) ? partitionedIndexes(effects) : YES);
        }
    }

    /** Rows go into the table or one of its partitions; indexes are locked for the moment of the write only. */
    private void insert(Relation relation) {
        effects.lock(relation, ROW_EXCLUSIVE);
        if (relation.kind() == Relation.Kind.VIEW) {
            effects.facts().under(relation).forEach(this::insert);
        }
        effects.facts().partitionTree(relation).stream()
                .skip(1)
                .forEach(partition -> effects.lock(partition.name(), ROW_EXCLUSIVE, DEPENDS));
    }

    private void changed(Relation relation, RowChange change) {
        if (relation.kind() == Relation.Kind.VIEW) {
            effects.facts().under(relation).forEach(under -> changed(under, change));
        }
        // Rows that new values of foreign keys point to are looked up and locked, if there are any.
        for (Constraint foreignKey : SchemaFacts.foreignKeys(relation)) {
            if (change.gives(foreignKey.columns())) {
                perhaps(effects.facts().referenced(foreignKey), ROW_SHARE);
            }
        }
        for (Constraint foreignKey : effects.facts().foreignKeysTo(relation)) {
            if (change.takes(foreignKey.referencedColumns())) {
                boolean writes = FOLLOWS.matcher(foreignKey.definition()).find();
                perhaps(effects.facts().schema().relation(foreignKey.table()), writes ? ROW_EXCLUSIVE : ROW_SHARE);
            }
        }
        List<String> triggers = relation.triggers().stream()
                .filter(trigger -> change.events().stream()
                        .anyMatch(event ->
                                SchemaFacts.mentions(trigger.definition().split(" ON ", 2)[0], event)))
                .map(Trigger::name)
                .sorted()
                .toList();
        if (!triggers.isEmpty()) {
            effects.others("what the triggers of %s lock is not known: %s"
                    .formatted(relation.name(), String.join(", ", triggers)));
        }
        if (effects.facts().hasRules(relation)) {
            effects.others("what the rules of " + relation.name() + " do is not looked into");
        }
    }

    private void perhaps(Optional<Relation> table, LockMode mode) {
        for (Relation one : table.map(effects.facts()::partitionTree).orElse(List.of())) {
            effects.add(one.name(), mode, DEPENDS, NO, SchemaFacts.hasFile(one) ? DEPENDS : NO);
            effects.lockIndexes(one, mode, DEPENDS);
        }
    }
}
