package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rows of the tables of two databases, compared by checksums: whatever the order of the rows and of the columns. What
 * is told names tables and columns, and never a value.
 */
final class Contents {
    /** What begins like this is kept for a rollback, and no part of what the change comes to. */
    private static final String ATTIC = "fermata_attic_";

    private final Connection first;
    private final Connection second;

    Contents(Connection first, Connection second) {
        this.first = first;
        this.second = second;
    }

    /**
     * What is wrong with the first, where the second is what is expected; one line for each table.
     *
     * @param unpredictable columns, as {@code public.t.c}, that nobody can expect to be the same
     */
    List<String> differences(Set<String> unpredictable) throws SQLException {
        SortedMap<QualifiedName, List<String>> ours = tables(first);
        SortedMap<QualifiedName, List<String>> theirs = tables(second);
        List<String> differences = new ArrayList<>();
        for (Map.Entry<QualifiedName, List<String>> table : ours.entrySet()) {
            List<String> expected = theirs.get(table.getKey());
            if (expected != null) {
                List<String> columns = common(table.getValue(), expected).stream()
                        .filter(column ->
                                !unpredictable.contains(table.getKey().sql() + "." + QualifiedName.quote(column)))
                        .toList();
                difference(table.getKey(), columns).ifPresent(differences::add);
            }
        }
        return differences;
    }

    /** Of all tables as they are, columns in their order. */
    static SortedMap<QualifiedName, ContentChecksum> checksums(Connection connection) throws SQLException {
        SortedMap<QualifiedName, ContentChecksum> checksums = new TreeMap<>();
        for (Map.Entry<QualifiedName, List<String>> table : tables(connection).entrySet()) {
            checksums.put(
                    table.getKey(),
                    table.getValue().isEmpty()
                            ? ContentChecksum.of(connection, table.getKey())
                            : ContentChecksum.of(connection, table.getKey(), table.getValue()));
        }
        return checksums;
    }

    /** Tables with rows of their own that both have; of the others the catalogs tell. Columns in the order of names. */
    private static SortedMap<QualifiedName, List<String>> tables(Connection connection) throws SQLException {
        SortedMap<QualifiedName, List<String>> tables = new TreeMap<>();
        for (TableStats table : TableStats.all(connection)) {
            boolean holdsRows =
                    switch (table.kind()) {
                        case TABLE, MATERIALIZED_VIEW -> true;
                        case PARTITIONED_TABLE, FOREIGN_TABLE -> false;
                    };
            if (holdsRows && !table.name().name().startsWith(ATTIC) && isPopulated(connection, table.oid())) {
                tables.put(table.name(), columns(connection, table.oid()));
            }
        }
        return tables;
    }

    private static boolean isPopulated(Connection connection, long table) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT relispopulated FROM pg_class WHERE oid = ?")) {
            select.setLong(1, table);
            try (ResultSet row = select.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static List<String> columns(Connection connection, long table) throws SQLException {
        String sql = """
            SELECT attname FROM pg_attribute WHERE attrelid = ? AND attnum > 0 AND NOT attisdropped ORDER BY attname
            """;
        List<String> columns = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, table);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String column = rows.getString(1);
                    if (!column.startsWith(ATTIC)) {
                        columns.add(column);
                    }
                }
            }
        }
        return columns;
    }

    private static List<String> common(List<String> some, List<String> others) {
        TreeSet<String> both = new TreeSet<>(some);
        both.retainAll(others);
        return List.copyOf(both);
    }

    private Optional<String> difference(QualifiedName table, List<String> columns) throws SQLException {
        if (columns.isEmpty()) {
            return Optional.empty();
        }
        ContentChecksum is = ContentChecksum.of(first, table, columns);
        ContentChecksum expected = ContentChecksum.of(second, table, columns);
        if (is.equals(expected)) {
            return Optional.empty();
        }
        if (is.rows() != expected.rows()) {
            return Optional.of("table " + table + " holds " + rows(is) + " (expected: " + expected.rows() + ")");
        }
        List<String> which = new ArrayList<>();
        for (String column : columns) {
            List<String> alone = List.of(column);
            if (!ContentChecksum.of(first, table, alone).equals(ContentChecksum.of(second, table, alone))) {
                which.add(QualifiedName.quote(column));
            }
        }
        return Optional.of("table " + table + " holds " + rows(is) + " as expected, but "
                + (which.isEmpty()
                        ? "their values are combined in another way"
                        : "with other values in " + String.join(", ", which)));
    }

    private static String rows(ContentChecksum checksum) {
        return checksum.rows() == 1 ? "1 row" : checksum.rows() + " rows";
    }
}
