package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Columns that rest after a change of their type and get what is written into the new one, by a trigger that knows it by its
 * name. Where that changes, the trigger's function follows.
 */
public final class KeptInStep {
    private static final String TABLES = """
        SELECT DISTINCT s.nspname, c.relname
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
          JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace f ON f.oid = p.pronamespace
        WHERE f.nspname = 'fermata_attic'
        """;

    private KeptInStep() {}

    /** Tables of the target with such a column. */
    public static Set<QualifiedName> tables(Connection connection) throws SQLException {
        Set<QualifiedName> tables = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                tables.add(new QualifiedName(rows.getString(1), rows.getString(2)));
            }
        }
        return tables;
    }

    /** The column as functions name it, in quotes always, so that it is found. */
    static String field(String record, String column) {
        return record + ".\"" + column.replace("\"", "\"\"") + "\"";
    }

    /** The statements, and after them what follows them. */
    static List<String> following(List<String> sql, Scene scene, QualifiedName table, String from, String to) {
        List<String> all = new ArrayList<>(sql);
        if (scene.hasKeptInStep(table)) {
            all.add(follow(table, from, to));
        }
        return all;
    }

    private static String follow(QualifiedName table, String from, String to) {
        String renamed = "f";
        for (String record : List.of("NEW", "OLD")) {
            renamed = "replace(" + renamed + ", " + Sql.literal(field(record, from)) + ", "
                    + Sql.literal(field(record, to)) + ")";
        }
        return "DO "
                + Sql.literal("DECLARE f text; BEGIN FOR f IN SELECT pg_get_functiondef(p.oid) FROM pg_trigger AS t"
                        + " JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE t.tgrelid = to_regclass("
                        + Sql.literal(table.sql()) + ") AND p.pronamespace = to_regnamespace("
                        + Sql.literal(Attic.SCHEMA) + ") LOOP EXECUTE " + renamed + "; END LOOP; END");
    }
}
