package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Collection;
import java.util.Set;

/**
 * A relation that a question reads, so SELECT on it is needed.
 *
 * @param columns that are enough, where the role has no right to the whole table; empty: any one will do
 */
public record Reading(QualifiedName relation, Set<String> columns) {
    public Reading {
        columns = Set.copyOf(columns);
    }

    static Reading of(QualifiedName relation, Collection<String> columns) {
        return new Reading(relation, Set.copyOf(columns));
    }
}
