package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Set;

/**
 * Something that stops working, or changes, with the relation it depends on.
 *
 * @param kind in SQL words: {@code view}, {@code materialized view}, {@code function}, {@code trigger}, {@code policy},
 *     {@code foreign key}, {@code generated column}, {@code default}, {@code publication}, {@code rule}, {@code
 *     sequence}, {@code index}, {@code constraint}
 * @param name as SQL, with its schema: {@code public.order_totals}, or {@code orders_fk on public.items}
 * @param relation the relation depended on
 * @param columns of it that are used; empty for the relation as a whole
 * @param certainty a function's text only mentions it
 */
public record Dependant(String kind, String name, QualifiedName relation, Set<String> columns, Certainty certainty) {
    public Dependant {
        columns = Set.copyOf(columns);
    }

    /** How it is known. */
    public enum Certainty {
        /** The catalog records it. */
        CATALOG,
        /** The body of a function mentions the name. */
        MENTIONED
    }
}
