package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How many rows a table has and a checksum over them that does not depend on their order: the sum of a 64-bit hash of
 * each row's text. Two tables with the same rows have equal checksums wherever they are, if the servers print values
 * alike; tables that differ have, for all practical purposes, other ones. It is no defence against rows made to
 * collide.
 *
 * <p>Costs one scan of the table. Only its own rows count, not those of partitions or inheriting tables.
 *
 * @param sum a decimal number, {@code 0} for an empty table
 */
public record ContentChecksum(QualifiedName table, long rows, String sum) {

    private static final String COLUMNS = """
        SELECT string_agg('fermata_row.' || quote_ident(attname), ', ' ORDER BY attnum)
                 FILTER (WHERE attname !~ '^fermata_attic_'),
               bool_or(attname ~ '^fermata_attic_')
        FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
        """;

    /** Over all columns in their order, without those that rest in the {@link Attic}. */
    public static ContentChecksum of(Connection connection, QualifiedName table) throws SQLException {
        return read(connection, table, wholeRow(connection, table));
    }

    private static String wholeRow(Connection connection, QualifiedName table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, table.sql());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(2) ? "ROW(" + row.getString(1) + ")::text" : "(fermata_row.*)::text";
            }
        }
    }

    /**
     * Over these columns in this order: what is left of a table when the change itself is not looked at. For all
     * columns in their own order it is the same as without naming them.
     *
     * @param columns unquoted; at least one
     */
    public static ContentChecksum of(Connection connection, QualifiedName table, List<String> columns)
            throws SQLException {
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("columns of " + table + ": none (expected: at least one)");
        }
        String row = columns.stream()
                .map(column -> "fermata_row." + QualifiedName.quote(column))
                .collect(Collectors.joining(", ", "ROW(", ")::text"));
        return read(connection, table, row);
    }

    private static ContentChecksum read(Connection connection, QualifiedName table, String row) throws SQLException {
        String query = """
            SELECT count(*), coalesce(sum(hashtextextended(%s, 0)::numeric), 0)::text FROM ONLY %s fermata_row
            """.formatted(row, table.sql());
        return CanonicalOutput.reading(connection, () -> {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                try (ResultSet result = statement.executeQuery(query)) {
                    result.next();
                    return new ContentChecksum(table, result.getLong(1), result.getString(2));
                }
            }
        });
    }
}
