package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An index of a table, partitioned table or materialized view.
 *
 * @param method such as {@code btree}
 * @param valid false for what a failed CREATE INDEX CONCURRENTLY left behind: written, but not used by queries
 * @param keys its key columns in order; empty text stands for an expression
 * @param included columns that are only carried along
 * @param predicate of a partial index, else null
 * @param constraint the constraint that it serves, else null
 * @param definition the whole CREATE INDEX
 * @param bytes its size; 0 on a partitioned table
 * @param scans how often it was used since the statistics were last reset
 */
public record Index(
        QualifiedName name,
        QualifiedName table,
        String method,
        boolean unique,
        boolean primary,
        boolean valid,
        List<String> keys,
        List<String> included,
        @Nullable String predicate,
        @Nullable String constraint,
        String definition,
        long bytes,
        long scans) {
    public Index {
        keys = List.copyOf(keys);
        included = List.copyOf(included);
    }

    public Optional<String> constraintName() {
        return Optional.ofNullable(constraint);
    }
}
