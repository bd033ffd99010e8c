package dev.fermata.postgres.catalog;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How large a table is and how much happens in it, from the catalog and the statistics; no table is scanned.
 *
 * @param estimatedRows what the planner believes; where the table was never analyzed, the live rows counted by the
 *     statistics collector; never negative. A partitioned table has the rows of its partitions once it is analyzed.
 * @param analyzed whether {@code estimatedRows} comes from VACUUM or ANALYZE
 * @param heapBytes the table with its TOAST data; 0 for a partitioned table, whose partitions have their own entries
 * @param indexBytes all of its indexes
 * @param totalBytes the sum of both
 * @param primaryKey in the order of the key; empty for none
 * @param inserted rows since the statistics were last reset, as are {@code updated} and {@code deleted}
 * @param deadRows that VACUUM has not removed yet, as the statistics collector counts them
 */
public record TableStats(
        long oid,
        QualifiedName name,
        Kind kind,
        long estimatedRows,
        boolean analyzed,
        long heapBytes,
        long indexBytes,
        long totalBytes,
        List<KeyColumn> primaryKey,
        long inserted,
        long updated,
        long deleted,
        long deadRows) {

    /** What sort of table. */
    public enum Kind {
        TABLE,
        PARTITIONED_TABLE,
        MATERIALIZED_VIEW,
        FOREIGN_TABLE
    }

    /** @param type as SQL, such as {@code character varying(20)} */
    public record KeyColumn(String name, String type) {}

    /** The two arrays run in parallel: schemas and names of the wanted tables. */
    private static final String QUERY = UserObjects.query("""
        SELECT r.oid, n.nspname, r.relname, r.relkind,
               CASE WHEN r.reltuples >= 0 THEN r.reltuples::bigint
                    ELSE coalesce(pg_stat_get_live_tuples(r.oid), 0) END,
               r.reltuples >= 0,
               coalesce(pg_table_size(r.oid), 0), coalesce(pg_indexes_size(r.oid), 0),
               k.names, k.types,
               coalesce(pg_stat_get_tuples_inserted(r.oid), 0), coalesce(pg_stat_get_tuples_updated(r.oid), 0),
               coalesce(pg_stat_get_tuples_deleted(r.oid), 0), coalesce(pg_stat_get_dead_tuples(r.oid), 0)
        FROM user_relation r JOIN pg_namespace n ON n.oid = r.relnamespace
          LEFT JOIN LATERAL (
            SELECT array_agg(a.attname::text ORDER BY u.position) AS names,
                   array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY u.position) AS types
            FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY u (attnum, position)
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum
            WHERE c.conrelid = r.oid AND c.contype = 'p') k ON true
        WHERE r.relkind IN ('r', 'p', 'm', 'f')
          AND (? OR (n.nspname::text, r.relname::text) IN (SELECT * FROM unnest(?::text[], ?::text[])))
        ORDER BY n.nspname, r.relname
        """);

    public TableStats {
        primaryKey = List.copyOf(primaryKey);
    }

    public boolean hasPrimaryKey() {
        return !primaryKey.isEmpty();
    }

    /** The same with so many rows. */
    public TableStats withRows(long rows) {
        return with(rows, true);
    }

    /** The same as if it had never been analyzed. */
    public TableStats withoutStatistics() {
        return with(estimatedRows, false);
    }

    private TableStats with(long rows, boolean analyzed) {
        return new TableStats(
                oid,
                name,
                kind,
                rows,
                analyzed,
                heapBytes,
                indexBytes,
                totalBytes,
                primaryKey,
                inserted,
                updated,
                deleted,
                deadRows);
    }

    /** Of all user tables and materialized views, in the order of names. */
    public static List<TableStats> all(Connection connection) throws SQLException {
        return CanonicalOutput.readingCatalog(connection, () -> read(connection, true, List.of()));
    }

    /** Of those tables that there are, in the order of names. */
    public static List<TableStats> of(Connection connection, Collection<QualifiedName> tables) throws SQLException {
        List<QualifiedName> wanted = List.copyOf(tables);
        return CanonicalOutput.readingCatalog(connection, () -> read(connection, false, wanted));
    }

    private static List<TableStats> read(Connection connection, boolean all, List<QualifiedName> tables)
            throws SQLException {
        Array schemas =
                textArray(connection, tables.stream().map(QualifiedName::schema).toList());
        Array names =
                textArray(connection, tables.stream().map(QualifiedName::name).toList());
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setBoolean(1, all);
            statement.setArray(2, schemas);
            statement.setArray(3, names);
            List<TableStats> stats = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    stats.add(stats(rows));
                }
            }
            return List.copyOf(stats);
        }
    }

    private static TableStats stats(ResultSet row) throws SQLException {
        long heapBytes = row.getLong(7);
        long indexBytes = row.getLong(8);
        return new TableStats(
                row.getLong(1),
                new QualifiedName(row.getString(2), row.getString(3)),
                kind(row.getString(4)),
                row.getLong(5),
                row.getBoolean(6),
                heapBytes,
                indexBytes,
                heapBytes + indexBytes,
                keyColumns(row.getArray(9), row.getArray(10)),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14));
    }

    private static Kind kind(String relkind) {
        return switch (relkind) {
            case "r" -> Kind.TABLE;
            case "p" -> Kind.PARTITIONED_TABLE;
            case "m" -> Kind.MATERIALIZED_VIEW;
            case "f" -> Kind.FOREIGN_TABLE;
            default -> throw new IllegalStateException("relkind: '" + relkind + "' (expected: r, p, m or f)");
        };
    }

    private static List<KeyColumn> keyColumns(@Nullable Array names, @Nullable Array types) throws SQLException {
        if (names == null || types == null) {
            return List.of();
        }
        String[] name = (String[]) names.getArray();
        String[] type = (String[]) types.getArray();
        List<KeyColumn> columns = new ArrayList<>();
        for (int i = 0; i < name.length; i++) {
            columns.add(new KeyColumn(name[i], type[i]));
        }
        return columns;
    }

    private static Array textArray(Connection connection, List<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }
}
