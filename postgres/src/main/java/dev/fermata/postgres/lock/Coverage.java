package dev.fermata.postgres.lock;

/** How much of what a statement locks its {@link StatementProfile} tells. */
public enum Coverage {
    /**
     * All relations that the statement itself locks, except those that come with a listed one: its own indexes,
     * sequences and TOAST table, its partitions and inheriting tables, what it reads if it is a view, the tables in
     * which foreign keys look up changed rows; and except system catalogs, and relations that the statement makes.
     * What triggers and rules do is never seen.
     */
    KNOWN,
    /** The listed relations for certain, and others that only the catalog knows; the notes say which. */
    PARTLY,
    /** Anything may happen, besides what is listed if something is. Never to be read as harmless. */
    UNKNOWN;

    Coverage and(Coverage other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
