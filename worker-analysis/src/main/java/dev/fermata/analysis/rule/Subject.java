package dev.fermata.analysis.rule;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a rule looks at: one statement in its change and on its database.
 *
 * @param relations every relation that the statement locks, with the schema filled in
 * @param tables those of them that exist, with their statistics
 * @param createdBefore tables that an earlier statement of the same change makes; touching them costs nobody anything
 */
public record Subject(
        Statement statement,
        StatementProfile profile,
        WorkOrder.Strategy strategy,
        List<QualifiedName> relations,
        Map<QualifiedName, TableStats> tables,
        Set<QualifiedName> createdBefore) {
    public Subject {
        relations = List.copyOf(relations);
        tables = Map.copyOf(tables);
        createdBefore = Set.copyOf(createdBefore);
    }

    /** Rows of the largest existing table that the statement touches; 0 when it touches none that existed before. */
    long rows() {
        return tables.entrySet().stream()
                .filter(table -> !createdBefore.contains(table.getKey()))
                .mapToLong(table -> Math.max(0, table.getValue().estimatedRows()))
                .max()
                .orElse(0);
    }

    /** Whether a table that existed before is touched. */
    boolean touchesExisting() {
        return tables.keySet().stream().anyMatch(table -> !createdBefore.contains(table));
    }

    /** The tables that existed before, for people. */
    String names() {
        return String.join(
                ", ",
                tables.keySet().stream()
                        .filter(table -> !createdBefore.contains(table))
                        .map(QualifiedName::toString)
                        .sorted()
                        .toList());
    }
}
