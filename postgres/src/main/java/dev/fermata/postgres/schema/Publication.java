package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Map;

/**
 * What is sent to logical replication subscribers.
 *
 * @param allTables then {@code schemas} and {@code tables} are empty
 * @param schemas whose tables are all published
 * @param tables to the published columns; an empty list stands for all of them
 */
public record Publication(
        String name, boolean allTables, List<String> schemas, Map<QualifiedName, List<String>> tables) {
    public Publication {
        schemas = List.copyOf(schemas);
        tables = Map.copyOf(tables);
    }
}
