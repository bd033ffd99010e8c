package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Copies the rows of all ordinary tables (partitions included) into a clone whose tables are there and whose
 * constraints and triggers are not there yet, see {@link SchemaScript}. Generated columns are left to the clone.
 */
public final class TableCopy {
    private static final String TABLES = UserObjects.query("""
        SELECT n.nspname, r.relname,
               (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND a.attname !~ '^fermata_attic_')
        FROM user_relation r JOIN pg_namespace n ON n.oid = r.relnamespace
        WHERE r.relkind = 'r'
        ORDER BY 1, 2
        """);

    /**
     * How many rows of a table were copied.
     *
     * @param rows {@link #GONE} where the table is gone since the snapshot was taken
     */
    public record Copied(QualifiedName table, long rows) {
        public static final long GONE = -1;
    }

    private record Source(QualifiedName table, String columns) {}

    private TableCopy() {}

    /**
     * @param source one snapshot for all tables: a connection inside a REPEATABLE READ transaction, or in autocommit
     *     mode, in which case a transaction of its own is used. A target that writes meanwhile is not held up.
     * @param clone commits table by table if it is in autocommit mode; its session keeps the ISO date format afterwards; its {@code
     *     search_path} is its own, as generated columns and checks may count on one
     * @return in the order of names
     */
    public static List<Copied> copyAll(Connection source, Connection clone) throws SQLException {
        try (Statement statement = clone.createStatement()) {
            // What CanonicalOutput has the source print, the clone must read in the same way.
            statement.execute("SET IntervalStyle = 'postgres'; SET DateStyle = 'ISO, YMD'");
        }
        return CanonicalOutput.reading(source, () -> {
            List<Copied> copied = new ArrayList<>();
            for (Source table : tables(source)) {
                String what = table.table().sql() + table.columns();
                OptionalLong rows = RowStream.copy(source, table.table(), what, clone, what);
                copied.add(new Copied(table.table(), rows.orElse(Copied.GONE)));
            }
            return List.copyOf(copied);
        });
    }

    private static List<Source> tables(Connection source) throws SQLException {
        List<Source> tables = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                String columns = rows.getString(3);
                // A table without columns has rows, too; one with nothing but generated columns takes no list either.
                tables.add(new Source(
                        new QualifiedName(rows.getString(1), rows.getString(2)),
                        columns == null ? "" : " (" + columns + ")"));
            }
        }
        return tables;
    }
}
