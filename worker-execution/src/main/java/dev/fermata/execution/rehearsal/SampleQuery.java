package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Queries that give a part of each table in which every row finds the rows it refers to. A table's part is made of the parts
 * of the tables it refers to, each of them a query of its own that gives the same rows every time within one snapshot: its
 * first rows in the order of its key.
 *
 * <pre>
 * WITH RECURSIVE
 * s1 AS MATERIALIZED (SELECT t.* FROM ONLY public.customers AS t ORDER BY t.id LIMIT 1000),
 * s2 AS MATERIALIZED (SELECT t.* FROM ONLY public.orders AS t
 *     WHERE (t.customer IS NULL OR EXISTS (SELECT FROM s1 AS p WHERE p.id = t.customer)) ORDER BY t.id LIMIT 1000)
 * SELECT id, customer FROM s2
 * </pre>
 *
 * <p>Where tables refer to each other in a circle, one of them has only rows that do not refer; so has a table that refers
 * to one that is not among them.
 */
final class SampleQuery {
    private final Map<Long, Table> tables = new LinkedHashMap<>();
    private final Map<Long, Integer> order = new LinkedHashMap<>();
    private final int rows;

    /**
     * A table with rows of its own.
     *
     * @param columns quoted, without generated ones
     * @param key columns to order by, quoted; empty for a table that nothing refers to
     */
    record Table(long oid, QualifiedName name, List<String> columns, List<String> key, List<Reference> references) {
        Table {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
            references = List.copyOf(references);
        }
    }

    /**
     * A foreign key.
     *
     * @param parents the table that is referred to, or the partitions of it that hold rows
     */
    record Reference(List<String> columns, List<Long> parents, List<String> parentColumns) {
        Reference {
            columns = List.copyOf(columns);
            parents = List.copyOf(parents);
            parentColumns = List.copyOf(parentColumns);
        }
    }

    /** @param rows at most, of each table */
    SampleQuery(List<Table> tables, int rows) {
        this.rows = rows;
        tables.forEach(table -> this.tables.put(table.oid(), table));
        Map<Long, Boolean> placed = new HashMap<>();
        tables.forEach(table -> place(table, placed));
    }

    /** Parents first, as far as there is no circle. */
    private void place(Table table, Map<Long, Boolean> placed) {
        if (placed.containsKey(table.oid())) {
            return;
        }
        placed.put(table.oid(), false);
        for (Reference reference : table.references()) {
            for (long parent : reference.parents()) {
                Table found = tables.get(parent);
                if (found != null) {
                    place(found, placed);
                }
            }
        }
        placed.put(table.oid(), true);
        order.put(table.oid(), order.size());
    }

    /** Tables of which a circle of references keeps rows out, in the order of names. */
    List<String> cut() {
        return tablesThatRefer(reference -> tables.keySet().containsAll(reference.parents()));
    }

    /** Tables of which rows are kept out that refer to tables that are no part of it, such as those of extensions. */
    List<String> cutOff() {
        return tablesThatRefer(reference -> !tables.keySet().containsAll(reference.parents()));
    }

    private List<String> tablesThatRefer(Predicate<Reference> so) {
        return tables.values().stream()
                .filter(table -> table.references().stream()
                        .filter(reference -> !isSelf(table, reference) && !isBefore(table, reference))
                        .filter(reference -> !reference.parents().isEmpty())
                        .anyMatch(so))
                .map(table -> table.name().toString())
                .sorted()
                .toList();
    }

    /** The rows of the table that are in the sample, all columns in their order. */
    String of(Table table) {
        Set<Long> needed = new LinkedHashSet<>();
        need(table, needed, new HashSet<>());
        String parts = order.keySet().stream()
                .filter(needed::contains)
                .map(oid -> part(table(oid)))
                .collect(Collectors.joining(",\n"));
        return "WITH RECURSIVE\n" + parts + "\nSELECT " + String.join(", ", table.columns()) + " FROM s" + table.oid();
    }

    private void need(Table table, Set<Long> needed, Set<Long> seen) {
        if (!seen.add(table.oid())) {
            return;
        }
        for (Reference reference : table.references()) {
            if (!isSelf(table, reference) && isBefore(table, reference)) {
                reference.parents().forEach(parent -> need(table(parent), needed, seen));
            }
        }
        needed.add(table.oid());
    }

    private Table table(long oid) {
        Table table = tables.get(oid);
        if (table == null) {
            throw new IllegalStateException("a table is referred to that was not read: oid " + oid);
        }
        return table;
    }

    private static boolean isSelf(Table table, Reference reference) {
        return reference.parents().equals(List.of(table.oid()));
    }

    private boolean isBefore(Table table, Reference reference) {
        int at = order.getOrDefault(table.oid(), -1);
        return !reference.parents().isEmpty() // a partitioned table without partitions has no rows to refer to
                && reference.parents().stream().allMatch(parent -> order.getOrDefault(parent, Integer.MAX_VALUE) < at);
    }

    private String part(Table table) {
        List<Reference> selves = table.references().stream()
                .filter(reference -> isSelf(table, reference))
                .toList();
        if (selves.size() != 1) {
            return first("s" + table.oid(), table, selves);
        }
        Reference self = selves.getFirst();
        String root = "(" + nulls("f", self) + " OR " + equal("f", self, "f") + ")";
        return first("f" + table.oid(), table, List.of()) + ",\ns" + table.oid() + " AS (SELECT f.* FROM f"
                + table.oid()
                + " AS f WHERE " + root + " UNION ALL SELECT f.* FROM f" + table.oid() + " AS f JOIN s" + table.oid()
                + " AS p ON " + equal("f", self, "p") + " WHERE NOT " + equal("f", self, "f") + ")";
    }

    /** @param withoutParent references that no row of the part may have */
    private String first(String name, Table table, List<Reference> withoutParent) {
        List<String> conditions = new ArrayList<>();
        for (Reference reference : table.references()) {
            if (withoutParent.contains(reference)) {
                conditions.add(nulls("t", reference));
            } else if (!isSelf(table, reference)) {
                conditions.add(isBefore(table, reference) ? hasParent(reference) : nulls("t", reference));
            }
        }
        return name + " AS MATERIALIZED (SELECT t.* FROM ONLY " + table.name().sql() + " AS t"
                + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
                + (table.key().isEmpty()
                        ? ""
                        : table.key().stream()
                                .map(column -> "t." + column)
                                .collect(Collectors.joining(", ", " ORDER BY ", "")))
                + " LIMIT " + rows + ")";
    }

    private static String hasParent(Reference reference) {
        String parents = reference.parents().stream()
                .map(parent -> "SELECT " + String.join(", ", reference.parentColumns()) + " FROM s" + parent)
                .collect(Collectors.joining(" UNION ALL ", "(", ")"));
        return "(" + nulls("t", reference) + " OR EXISTS (SELECT FROM " + parents + " AS p WHERE "
                + equal("t", reference, "p") + "))";
    }

    /** A row with a null in any column refers to nothing. */
    private static String nulls(String alias, Reference reference) {
        return reference.columns().stream()
                .map(column -> alias + "." + column + " IS NULL")
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    private static String equal(String child, Reference reference, String parent) {
        return IntStream.range(0, reference.columns().size())
                .mapToObj(i -> child + "." + reference.columns().get(i) + " = " + parent + "."
                        + reference.parentColumns().get(i))
                .collect(Collectors.joining(" AND ", "(", ")"));
    }
}
