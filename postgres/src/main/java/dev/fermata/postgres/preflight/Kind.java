package dev.fermata.postgres.preflight;

import java.util.Set;

/** What a change newly demands of rows that are there already. */
public enum Kind {
    NOT_NULL("not-null", "23502"),
    CHECK("check", "23514"),
    FOREIGN_KEY("foreign-key", "23503"),
    UNIQUE("unique", "23505"),
    /** Both halves of it: nulls and duplicates are questions of their own. */
    PRIMARY_KEY("primary-key", "23502", "23505"),
    EXCLUDE("exclude", "23P01"),
    /** A constraint of a domain, on a column of that domain. */
    DOMAIN("domain", "23502", "23514"),
    /** Values that do not fit into the column's new type; 0A000 is for NaN, which no integer can be. */
    NEW_TYPE("new-type", "0A000", "22001", "22003", "22008", "22026", "22P02", "22P05", "22007", "23502", "23514"),
    /** Values that the change cuts short; the server does so without a word. */
    CUT_SHORT("cut-short"),
    /** Rows of a table that becomes a partition, outside its bounds. */
    PARTITION_BOUNDS("partition-bounds", "23514"),
    /** Rows of a DEFAULT partition that belong to a new one. */
    DEFAULT_PARTITION("default-partition", "23514");

    private final String id;
    private final Set<String> sqlStates;

    Kind(String id, String... sqlStates) {
        this.id = id;
        this.sqlStates = Set.of(sqlStates);
    }

    /** Stable name for reports. */
    public String id() {
        return id;
    }

    /** With what the server refuses a change that such rows stand against; empty: it does not. */
    public Set<String> sqlStates() {
        return sqlStates;
    }
}
