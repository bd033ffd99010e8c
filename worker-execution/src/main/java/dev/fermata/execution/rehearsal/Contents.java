package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
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
        Set<String> each = ofHeirsToo(unpredictable);
        SortedMap<QualifiedName, List<String>> ours = tables(first);
        SortedMap<QualifiedName, List<String>> theirs = tables(second);
        List<String> differences = new ArrayList<>();
        for (Map.Entry<QualifiedName, List<String>> table : ours.entrySet()) {
            List<String> expected = theirs.get(table.getKey());
            if (expected != null) {
                List<String> columns = new ArrayList<>();
                for (String column : common(table.getValue(), expected)) {
                    if (each.contains(table.getKey().sql() + "." + QualifiedName.quote(column))) {
                        leftEmpty(table.getKey(), column).ifPresent(differences::add);
                    } else {
                        columns.add(column);
                    }
                }
                difference(table.getKey(), columns).ifPresent(differences::add);
            }
        }
        return differences;
    }

    /** A column of a table is one of its partitions and heirs, too. */
    private Set<String> ofHeirsToo(Set<String> columns) throws SQLException {
        Set<String> all = new HashSet<>(columns);
        String heirs = """
            SELECT format('%I.%I', above.nspname, p.relname), format('%I.%I', below.nspname, c.relname)
            FROM pg_inherits JOIN pg_class AS p ON p.oid = inhparent JOIN pg_namespace AS above ON above.oid = p.relnamespace
            JOIN pg_class AS c ON c.oid = inhrelid JOIN pg_namespace AS below ON below.oid = c.relnamespace
            """;
        int before = -1;
        while (!columns.isEmpty() && before < all.size()) {
            before = all.size();
            try (Statement select = first.createStatement();
                    ResultSet rows = select.executeQuery(heirs)) {
                while (rows.next()) {
                    String parent = rows.getString(1) + ".";
                    String heir = rows.getString(2) + ".";
                    List<String> more = all.stream()
                            .filter(column -> column.startsWith(parent))
                            .map(column -> heir + column.substring(parent.length()))
                            .toList();
                    all.addAll(more);
                }
            }
        }
        return all;
    }

    /** Where the first has rows without a value, and the second has none. */
    private Optional<String> leftEmpty(QualifiedName table, String column) throws SQLException {
        String empty =
                "SELECT count(*) FROM ONLY " + table.sql() + " WHERE " + QualifiedName.quote(column) + " IS NULL";
        long left = count(first, empty);
        return left == 0 || count(second, empty) > 0
                ? Optional.empty()
                : Optional.of("table " + table + " has no value in " + QualifiedName.quote(column) + " of " + rows(left)
                        + " (expected: a value in each)");
    }

    private static long count(Connection connection, String query) throws SQLException {
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
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

    /** Of each column alone, by its name. */
    static SortedMap<String, ContentChecksum> checksumsOfColumns(Connection connection, QualifiedName table)
            throws SQLException {
        SortedMap<String, ContentChecksum> checksums = new TreeMap<>();
        for (String column : columns(connection, table)) {
            checksums.put(column, ContentChecksum.of(connection, table, List.of(column)));
        }
        return checksums;
    }

    private static List<String> columns(Connection connection, QualifiedName table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT to_regclass(?)::oid")) {
            select.setString(1, table.sql());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return columns(connection, row.getLong(1));
            }
        }
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
        return rows(checksum.rows());
    }

    private static String rows(long rows) {
        return rows == 1 ? "1 row" : rows + " rows";
    }
}
