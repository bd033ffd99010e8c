package dev.fermata.analysis.rule;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The database that a change is for.
 *
 * @param stats of every table that holds rows
 * @param writesPerSecond of tables for which that is known
 */
public record Target(
        SchemaModel schema,
        Map<QualifiedName, TableStats> stats,
        TargetContext context,
        Map<QualifiedName, Double> writesPerSecond) {
    public Target {
        stats = Map.copyOf(stats);
        writesPerSecond = Map.copyOf(writesPerSecond);
    }

    public static Target of(
            SchemaModel schema,
            Collection<TableStats> stats,
            TargetContext context,
            Map<QualifiedName, Double> writesPerSecond) {
        return new Target(
                schema,
                stats.stream().collect(Collectors.toMap(TableStats::name, Function.identity())),
                context,
                writesPerSecond);
    }

    public Target with(SchemaModel other) {
        return new Target(other, stats, context, writesPerSecond);
    }

    public Target with(UnaryOperator<TargetContext> change) {
        return new Target(schema, stats, change.apply(context), writesPerSecond);
    }
}
