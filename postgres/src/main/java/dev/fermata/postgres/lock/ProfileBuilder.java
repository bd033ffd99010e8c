package dev.fermata.postgres.lock;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gathers what is found out about one statement; locks on one relation add up to the strongest. */
final class ProfileBuilder {
    private final Map<WrittenName, RelationLock> locks = new LinkedHashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private String description;
    private Coverage coverage = Coverage.KNOWN;
    private boolean runsInTransaction = true;

    ProfileBuilder(String description) {
        this.description = description;
    }

    ProfileBuilder describe(String better) {
        description = better;
        return this;
    }

    ProfileBuilder lock(WrittenName relation, LockMode mode) {
        return lock(relation, mode, Likelihood.NO, Likelihood.NO);
    }

    ProfileBuilder lock(WrittenName relation, LockMode mode, Likelihood rewrites, Likelihood scans) {
        locks.merge(relation, new RelationLock(relation, mode, rewrites, scans), RelationLock::and);
        return this;
    }

    /** All that another statement does. */
    ProfileBuilder add(StatementProfile other) {
        other.locks().forEach(lock -> lock(lock.relation(), lock.mode(), lock.rewrites(), lock.scans()));
        coverage = coverage.and(other.coverage());
        runsInTransaction &= other.runsInTransaction();
        other.notes().forEach(this::note);
        return this;
    }

    /** Other relations are locked as well. */
    ProfileBuilder others(String note) {
        coverage = coverage.and(Coverage.PARTLY);
        return note(note);
    }

    ProfileBuilder unknown(String note) {
        coverage = Coverage.UNKNOWN;
        return note(note);
    }

    ProfileBuilder note(String note) {
        notes.add(note);
        return this;
    }

    ProfileBuilder notInTransaction() {
        runsInTransaction = false;
        return this;
    }

    StatementProfile build() {
        return new StatementProfile(
                description, coverage, List.copyOf(locks.values()), runsInTransaction, List.copyOf(notes));
    }
}
