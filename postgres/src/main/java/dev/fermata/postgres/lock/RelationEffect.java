package dev.fermata.postgres.lock;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * What a statement does to one relation of the schema.
 *
 * @param relation a table, view, sequence or index
 * @param mode the strongest lock it takes on it
 * @param locked DEPENDS where rows, the planner or a function decide whether it is touched at all
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
}
