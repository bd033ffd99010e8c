package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an inverse must know of a column that a statement changes.
 *
 * @param defaultExpression as SQL, null when there is none
 */
public record ColumnFact(
        QualifiedName table,
        String column,
        boolean notNull,
        @Nullable String defaultExpression) {

    /** All columns of all user tables. */
    public static List<ColumnFact> read(Connection connection) throws SQLException {
        String sql = """
            SELECT n.nspname, c.relname, a.attname, a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname !~ '^pg_' AND n.nspname NOT IN
                ('information_schema', 'fermata', 'fermata_attic')
            """;
        List<ColumnFact> facts = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                facts.add(new ColumnFact(
                        new QualifiedName(rows.getString(1), rows.getString(2)),
                        rows.getString(3),
                        rows.getBoolean(4),
                        rows.getString(5)));
            }
        }
        return facts;
    }
}
