package dev.fermata.analysis.rule;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The database that a change is for.
 *
 * @param stats of every table that holds rows
 */
public record Target(SchemaModel schema, Map<QualifiedName, TableStats> stats) {
    public Target {
        stats = Map.copyOf(stats);
    }

    public static Target of(SchemaModel schema, Collection<TableStats> stats) {
        return new Target(schema, stats.stream().collect(Collectors.toMap(TableStats::name, Function.identity())));
    }
}
