package dev.fermata.postgres.schema;

import org.jspecify.annotations.Nullable;

/**
 * A column of a relation.
 *
 * @param type as {@code format_type} prints it, such as {@code character varying(20)}
 * @param defaultExpression also the expression of a generated column; null for none
 * @param collation as SQL and with its schema, such as {@code pg_catalog."C"}; null where it is the type's own
 */
public record Column(
        String name,
        String type,
        boolean notNull,
        @Nullable String defaultExpression,
        Generated generated,
        Identity identity,
        @Nullable String collation) {

    /** Whether its values are computed from others. */
    public enum Generated {
        NO,
        STORED,
        VIRTUAL
    }

    /** Whether its values come from a sequence of its own. */
    public enum Identity {
        NO,
        ALWAYS,
        BY_DEFAULT
    }
}
