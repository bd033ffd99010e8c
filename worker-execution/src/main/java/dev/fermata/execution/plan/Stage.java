package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the schema is like before a piece of the change, or after it.
 *
 * @param partitionConditions of each partition: the condition on its rows, as the server writes it
 * @param neededExtensions those that tables cannot do without: for the type of a column, a default, an EXCLUDE constraint
 * @param noCasts of columns that the piece before it gave another type: the new type and the old one, where nothing
 *     converts the first to the second, as {@code timestamp with time zone as integer}
 */
public record Stage(
        CatalogSnapshot catalog,
        SchemaModel schema,
        Map<QualifiedName, String> partitionConditions,
        Set<String> neededExtensions,
        Set<String> noCasts) {
    private static final String CONDITIONS = """
        SELECT n.nspname, c.relname, pg_get_partition_constraintdef(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relispartition AND c.relkind IN ('r', 'p') AND pg_get_partition_constraintdef(c.oid) IS NOT NULL
        """;

    /** A member of an extension, and what depends on it without being one (PostgreSQL documentation, 52.18). */
    private static final String NEEDED_EXTENSIONS = """
        SELECT DISTINCT x.extname
        FROM pg_extension AS x
          JOIN pg_depend AS member ON member.refclassid = 'pg_extension'::regclass AND member.refobjid = x.oid
            AND member.deptype = 'e'
          JOIN pg_depend AS d ON d.refclassid = member.classid AND d.refobjid = member.objid
        WHERE (d.classid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class AS c
                WHERE c.oid = d.objid AND (c.relkind IN ('r', 'p')
                  OR EXISTS (SELECT FROM pg_constraint AS e WHERE e.conindid = c.oid AND e.contype = 'x')))
            OR d.classid IN ('pg_attrdef'::regclass, 'pg_constraint'::regclass))
          AND NOT EXISTS (SELECT FROM pg_depend AS own WHERE own.classid = d.classid AND own.objid = d.objid
            AND own.deptype = 'e')
        """;

    public Stage {
        partitionConditions = Map.copyOf(partitionConditions);
        neededExtensions = Set.copyOf(neededExtensions);
        noCasts = Set.copyOf(noCasts);
    }

    public static Stage read(Connection connection) throws SQLException {
        return new Stage(
                CatalogSnapshot.read(connection),
                SchemaReader.read(connection),
                conditions(connection),
                neededExtensions(connection),
                Set.of());
    }

    public Stage withNoCasts(Set<String> missing) {
        return new Stage(catalog, schema, partitionConditions, neededExtensions, missing);
    }

    /** Whether a value of the first type can be made one of the second. */
    boolean casts(String from, String to) {
        return !noCasts.contains(noCast(from, to));
    }

    public static String noCast(String from, String to) {
        return from + " as " + to;
    }

    private static Set<String> neededExtensions(Connection connection) throws SQLException {
        Set<String> needed = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(NEEDED_EXTENSIONS)) {
            while (rows.next()) {
                needed.add(rows.getString(1));
            }
        }
        return needed;
    }

    private static Map<QualifiedName, String> conditions(Connection connection) throws SQLException {
        Map<QualifiedName, String> conditions = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(CONDITIONS)) {
            while (rows.next()) {
                conditions.put(new QualifiedName(rows.getString(1), rows.getString(2)), rows.getString(3));
            }
        }
        return conditions;
    }
}
