package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A table or sequence of others that the role of a session may not read.
 *
 * @param name as SQL, with its schema
 * @param grant what its owner can do about it
 */
public record Unreadable(String name, String grant) {
    private static final String QUERY = UserObjects.query("""
        SELECT r.name, concat_ws(' ',
            CASE WHEN NOT has_schema_privilege(r.relnamespace, 'USAGE')
              THEN format('GRANT USAGE ON SCHEMA %s TO %I;', r.relnamespace::regnamespace, current_user) END,
            CASE WHEN NOT has_table_privilege(r.oid, 'SELECT')
              THEN format('GRANT SELECT ON %s%s TO %I;', CASE r.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE '' END, r.name,
                current_user) END)
        FROM user_relation r
        WHERE r.relkind = 'KIND'
          AND NOT (has_schema_privilege(r.relnamespace, 'USAGE') AND has_table_privilege(r.oid, 'SELECT'))
        ORDER BY 1
        """);

    /** Those tables whose rows a clone cannot have. */
    public static List<Unreadable> tables(Connection source) throws SQLException {
        return CanonicalOutput.readingCatalog(source, () -> read(source, 'r'));
    }

    static List<Unreadable> sequences(Connection source) throws SQLException {
        return read(source, 'S');
    }

    private static List<Unreadable> read(Connection source, char kind) throws SQLException {
        List<Unreadable> unreadable = new ArrayList<>();
        try (Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery(QUERY.replace("KIND", String.valueOf(kind)))) {
            while (rows.next()) {
                unreadable.add(new Unreadable(rows.getString(1), rows.getString(2)));
            }
        }
        return unreadable;
    }
}
