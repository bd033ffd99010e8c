package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the planner knows of the target: the catalog as it is, and what the statements before this one have made. */
final class Catalog {
    private final CatalogSnapshot snapshot;
    private final Map<QualifiedName, TableStats> tables = new LinkedHashMap<>();
    private final Map<String, ColumnFact> columns = new HashMap<>();
    private final Set<QualifiedName> created = new HashSet<>();

    Catalog(CatalogSnapshot snapshot, List<TableStats> stats, List<ColumnFact> facts) {
        this.snapshot = snapshot;
        stats.forEach(table -> tables.put(table.name(), table));
        facts.forEach(fact -> columns.put(fact.table() + "." + fact.column(), fact));
    }

    Optional<ColumnFact> column(QualifiedName table, String column) {
        return Optional.ofNullable(columns.get(table + "." + column));
    }

    CatalogSnapshot snapshot() {
        return snapshot;
    }

    Optional<TableStats> table(QualifiedName name) {
        return Optional.ofNullable(tables.get(name));
    }

    Optional<String> definition(String kind, QualifiedName name) {
        return snapshot.definition(kind + " " + name);
    }

    Optional<String> definition(String kind, QualifiedName table, String member) {
        return snapshot.definition(kind + " " + table + "." + member);
    }

    void nowExists(QualifiedName table) {
        created.add(table);
    }

    /** Whether the change itself made it. */
    boolean isCreatedHere(QualifiedName table) {
        return created.contains(table);
    }
}
