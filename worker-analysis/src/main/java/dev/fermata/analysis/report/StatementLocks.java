package dev.fermata.analysis.report;

import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.Coverage;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The locks of a statement as reports have them. */
public final class StatementLocks {
    private StatementLocks() {}

    /** By the text alone. An unknown lock is one of its own, and blocks everything. */
    public static List<RelationLock> of(StatementProfile profile) {
        Map<String, LockMode> locks = new LinkedHashMap<>();
        profile.locks().forEach(lock -> locks.put(lock.relation().in("public").toString(), lock.mode()));
        return locks(locks, profile.coverage());
    }

    /**
     * By the database: second tables, partitions and heirs by their names. Indexes are left out unless the statement names
     * them, as they are locked with their tables. What the statement may lock, it locks here.
     */
    static List<RelationLock> of(Effects effects, StatementProfile profile, SchemaModel schema) {
        Map<String, LockMode> locks = new LinkedHashMap<>();
        profile.locks().stream()
                .filter(lock -> schema.relation(
                                lock.relation().schema(), lock.relation().name())
                        .isEmpty())
                .filter(lock -> schema.index(
                                lock.relation().schema(), lock.relation().name())
                        .isEmpty())
                .forEach(lock -> locks.put(lock.relation().in("public").toString(), lock.mode()));
        effects.relations().stream()
                .filter(effect -> schema.index(effect.relation()).isEmpty() || names(profile, effect.relation()))
                .forEach(effect -> locks.put(effect.relation().toString(), effect.mode()));
        return locks(locks, effects.coverage());
    }

    private static boolean names(StatementProfile profile, QualifiedName index) {
        return profile.locks().stream().anyMatch(lock -> lock.relation().name().equals(index.name()));
    }

    private static List<RelationLock> locks(Map<String, LockMode> modes, Coverage coverage) {
        List<RelationLock> locks = new ArrayList<>();
        modes.forEach((relation, mode) -> locks.add(new RelationLock(relation, mode.sql(), blocks(mode))));
        if (coverage == Coverage.UNKNOWN) {
            locks.add(new RelationLock("?", "UNKNOWN", List.of("reads", "writes")));
        }
        return locks;
    }

    private static List<String> blocks(LockMode mode) {
        if (mode.blocksReads()) {
            return List.of("reads", "writes");
        }
        return mode.blocksWrites() ? List.of("writes") : List.of();
    }
}
