package dev.fermata.postgres.lock;

import static dev.fermata.postgres.lock.Likelihood.YES;
import static dev.fermata.postgres.lock.LockMode.ACCESS_SHARE;
import static dev.fermata.postgres.lock.LockMode.SHARE_ROW_EXCLUSIVE;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.List;
import java.util.Optional;

/** Foreign keys: two tables, each with its partitions, and the indexes that the check may use. */
final class ForeignKeyEffects {
    private final EffectsBuilder effects;

    ForeignKeyEffects(EffectsBuilder effects) {
        this.effects = effects;
    }

    /** A foreign key as a statement has it, from a table that is there. */
    void add(Relation table, JsonNode constraint, boolean checked) {
        WrittenName name = Nodes.name(constraint.path("pktable"));
        // The check of a foreign key is one query over both tables: planning it locks all indexes of both.
        List<Relation> from = effects.facts().partitionTree(table);
        effects.lockAll(from, SHARE_ROW_EXCLUSIVE);
        Optional<Relation> to = effects.require(name);
        if (to.isEmpty()) {
            return;
        }
        lockReferenced(to.get(), Nodes.strings(constraint.path("pk_attrs")), YES);
        if (checked) {
            check(from, to.get(), SHARE_ROW_EXCLUSIVE, SHARE_ROW_EXCLUSIVE);
        }
    }

    /** A foreign key of a table that the statement makes. */
    void addToNewTable(JsonNode constraint) {
        effects.require(Nodes.name(constraint.path("pktable")))
                .ifPresent(to -> lockReferenced(to, Nodes.strings(constraint.path("pk_attrs")), YES));
    }

    /** What every new foreign key does to the table it points to, rows or not. */
    void lockReferenced(Relation to, List<String> columns, Likelihood locked) {
        for (Relation one : effects.facts().partitionTree(to)) {
            effects.lock(one.name(), SHARE_ROW_EXCLUSIVE, locked);
        }
        Optional<Index> key = SchemaFacts.keyOf(to, columns);
        key.ifPresent(index -> {
            effects.lock(index.name(), ACCESS_SHARE, effects.since17());
            effects.facts().partsOf(index).forEach(part -> effects.lock(part.name(), ACCESS_SHARE, effects.since17()));
        });
    }

    /** All rows of one side are looked up in the other. */
    void check(List<Relation> from, Relation to, LockMode fromMode, LockMode toMode) {
        for (Relation one : from) {
            if (!SchemaFacts.isPartitioned(one)) {
                effects.lockIndexes(one, ACCESS_SHARE);
                effects.scan(one, fromMode, YES);
            }
        }
        for (Relation one : effects.facts().partitionTree(to)) {
            effects.lockIndexes(
                    one, ACCESS_SHARE, SchemaFacts.isPartitioned(one) ? QueryEffects.partitionedIndexes(effects) : YES);
            effects.scan(one, toMode, YES);
        }
    }

    static boolean isChecked(JsonNode constraint) {
        return ColumnLocks.isValidated(constraint) && ColumnLocks.isEnforced(constraint);
    }
}
