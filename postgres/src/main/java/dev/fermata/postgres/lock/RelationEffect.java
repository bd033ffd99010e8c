package dev.fermata.postgres.lock;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * What a statement does to one relation of the schema.
 *
 * @param relation a table, view, sequence or index
 * @param mode the strongest lock it takes on it
 * @param locked DEPENDS where rows, the planner or a function decide whether it is touched at all; in a body also where
 *     it is locked for sure, but in that mode only if a place is reached that may not be
 * @param rewrites whether its own file is written anew; for an index that it is built anew, also under a new identity
 * @param scans whether the server reads all of it for this statement
 */
public record RelationEffect(
        QualifiedName relation, LockMode mode, Likelihood locked, Likelihood rewrites, Likelihood scans) {

    RelationEffect and(RelationEffect other) {
        return new RelationEffect(
                relation,
                mode.strongest(other.mode),
                locked.or(other.locked),
                rewrites.or(other.rewrites),
                scans.or(other.scans));
    }

    /** Of a statement that may not be reached. */
    RelationEffect perhaps() {
        return new RelationEffect(relation, mode, open(locked), open(rewrites), open(scans));
    }

    /** And then what a later statement does: the likelihood of the lock is that of the strongest mode. */
    RelationEffect then(RelationEffect later) {
        RelationEffect both = and(later);
        Likelihood strongest = mode == later.mode ? both.locked : both.mode == mode ? locked : later.locked;
        return new RelationEffect(relation, both.mode, strongest, both.rewrites, both.scans);
    }

    private static Likelihood open(Likelihood likelihood) {
        return likelihood == Likelihood.NO ? Likelihood.NO : Likelihood.DEPENDS;
    }
}
