package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.schema.SchemaReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the schema is like before a piece of the change, or after it.
 *
 * @param partitionConditions of each partition: the condition on its rows, as the server writes it
 * @param neededExtensions those that tables cannot do without: for the type of a column, a default, an EXCLUDE constraint
 * @param noCasts of columns that the piece before it gave another type: the new type and the old one, where nothing
 *     converts the first to the second, as {@code timestamp with time zone as integer}
 * @param needs which views, functions and keys others, and columns, indexes and so on, cannot be without; by identity
 * @param unsteady names of functions that may answer otherwise each time that they are called with the same
 */
public record Stage(
        CatalogSnapshot catalog,
        SchemaModel schema,
        Map<QualifiedName, String> partitionConditions,
        Set<String> neededExtensions,
        Set<String> noCasts,
        Map<String, Set<String>> needs,
        Set<String> unsteady) {
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

    /** Those that are stable look at the clock or at the session. Names without schemas: rather one too many. */
    private static final String UNSTEADY = """
        SELECT DISTINCT proname FROM pg_proc
        WHERE provolatile = 'v' OR (provolatile = 's' AND pronamespace = 'pg_catalog'::regnamespace
          AND proname IN ('age', 'current_query', 'current_setting', 'now', 'pg_current_xact_id', 'statement_timestamp',
            'transaction_timestamp', 'txid_current'))
        """;

    public Stage {
        partitionConditions = Map.copyOf(partitionConditions);
        neededExtensions = Set.copyOf(neededExtensions);
        noCasts = Set.copyOf(noCasts);
        needs = Map.copyOf(needs);
        unsteady = Set.copyOf(unsteady);
    }

    public static Stage read(Connection connection) throws SQLException {
        return new Stage(
                CatalogSnapshot.read(connection),
                SchemaReader.read(connection),
                conditions(connection),
                names(connection, NEEDED_EXTENSIONS),
                Set.of(),
                Needs.read(connection),
                names(connection, UNSTEADY));
    }

    public Stage withNoCasts(Set<String> missing) {
        return new Stage(catalog, schema, partitionConditions, neededExtensions, missing, needs, unsteady);
    }

    /** As if these were there as well: those of the target that a copy has not, as only a superuser may make them. */
    public Stage withPublications(List<Publication> more) {
        return new Stage(
                catalog,
                schema.withPublications(more),
                partitionConditions,
                neededExtensions,
                noCasts,
                needs,
                unsteady);
    }

    /** Whether a value of the first type can be made one of the second. */
    boolean casts(String from, String to) {
        return !noCasts.contains(noCast(from, to));
    }

    public static String noCast(String from, String to) {
        return from + " as " + to;
    }

    private static Set<String> names(Connection connection, String query) throws SQLException {
        Set<String> names = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
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
