package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the role may read what a question reads, and sees all of it. */
final class Rights {
    private static final String QUERY = """
        SELECT current_user::text AS role,
               has_schema_privilege(n.oid, 'USAGE') AS schema_used,
               has_table_privilege(c.oid, 'SELECT')
                 OR CASE WHEN cardinality(w.columns) = 0 THEN has_any_column_privilege(c.oid, 'SELECT')
                    ELSE (SELECT coalesce(bool_and(has_column_privilege(c.oid, a.attnum, 'SELECT')), false)
                          FROM pg_catalog.pg_attribute a
                          WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname::text = ANY (w.columns)) END
                 AS selected,
               row_security_active(c.oid) AS rows_hidden
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          CROSS JOIN (SELECT ?::text[] AS columns) w
        WHERE n.nspname = ? AND c.relname = ?
        """;

    private Rights() {}

    /** What is missing; empty for nothing. A relation that is not there is for the query itself to stumble over. */
    static Optional<Answer> missing(Connection connection, Question.Countable question) throws SQLException {
        Set<String> grants = new LinkedHashSet<>();
        for (Reading read : question.counting().reads()) {
            Optional<Answer> hidden = look(connection, question, read, grants);
            if (hidden.isPresent()) {
                return hidden;
            }
        }
        return grants.isEmpty()
                ? Optional.empty()
                : Optional.of(new Answer.NotPermitted(
                        question, "the role may not read what the question is about", List.copyOf(grants)));
    }

    private static Optional<Answer> look(
            Connection connection, Question.Countable question, Reading read, Set<String> grants) throws SQLException {
        QualifiedName name = read.relation();
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            Array columns = connection.createArrayOf("text", read.columns().toArray());
            statement.setArray(1, columns);
            statement.setString(2, name.schema());
            statement.setString(3, name.name());
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String role = QualifiedName.quote(row.getString("role"));
                if (row.getBoolean("rows_hidden")) {
                    return Optional.of(new Answer.NotPermitted(
                            question,
                            "row level security of " + name + " hides rows from role " + role
                                    + ", so that a count would be too small",
                            List.of("ALTER ROLE " + role + " BYPASSRLS")));
                }
                if (!row.getBoolean("schema_used")) {
                    grants.add("GRANT USAGE ON SCHEMA " + QualifiedName.quote(name.schema()) + " TO " + role);
                }
                if (!row.getBoolean("selected")) {
                    grants.add("GRANT SELECT ON " + name.sql() + " TO " + role);
                }
                return Optional.empty();
            }
        }
    }
}
