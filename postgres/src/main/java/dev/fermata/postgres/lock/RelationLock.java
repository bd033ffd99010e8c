package dev.fermata.postgres.lock;

/**
 * What a statement does to one relation.
 *
 * @param mode the strongest lock it takes on it
 * @param rewrites whether its file, or those of its indexes, are written anew; takes time and space in proportion to
 *     size
 * @param scans whether all of it is read while the lock is held; takes time in proportion to size
 */
public record RelationLock(WrittenName relation, LockMode mode, Likelihood rewrites, Likelihood scans) {

    RelationLock and(RelationLock other) {
        return new RelationLock(
                relation, mode.strongest(other.mode), rewrites.or(other.rewrites), scans.or(other.scans));
    }
}
