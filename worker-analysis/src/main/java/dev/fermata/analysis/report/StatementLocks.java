package dev.fermata.analysis.report;

import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.postgres.lock.Coverage;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.postgres.lock.StatementProfile;
import java.util.ArrayList;
import java.util.List;

/** The locks of a statement as reports have them. */
public final class StatementLocks {
    private StatementLocks() {}

    /** An unknown lock is one of its own, and blocks everything. */
    public static List<RelationLock> of(StatementProfile profile) {
        List<RelationLock> locks = new ArrayList<>(profile.locks().stream()
                .map(lock -> new RelationLock(
                        lock.relation().in("public").toString(), lock.mode().sql(), blocks(lock.mode())))
                .toList());
        if (profile.coverage() == Coverage.UNKNOWN) {
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
