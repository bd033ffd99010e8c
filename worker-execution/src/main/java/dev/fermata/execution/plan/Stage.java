package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CanonicalOutput;
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
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the schema is like before a piece of the change, or after it.
 *
 * @param partitionConditions of each partition: the condition on its rows, as the server writes it
 * @param neededExtensions those that tables cannot do without: for the type of a column, a default, an EXCLUDE constraint
 * @param noCasts of columns that the piece before it gave another type: the new type and the old one, where nothing
 *     converts the first to the second, as {@code timestamp with time zone as integer}
 * @param needs which views, functions and keys others, and columns, indexes and so on, cannot be without; by identity
 */
public record Stage(
        CatalogSnapshot catalog,
        SchemaModel schema,
        Map<QualifiedName, String> partitionConditions,
        Set<String> neededExtensions,
        Set<String> noCasts,
        Map<String, Set<String>> needs) {
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

    /**
     * The row type of a view stands for the view, and its rule is the view; an index of a materialized view is no more than a
     * part of it. A view that is grouped by a key needs the key.
     */
    private static final String NEEDS = """
        WITH seen AS (
          SELECT c.oid, CASE c.relkind WHEN 'v' THEN 'view ' ELSE 'materialized view ' END || quote_ident(n.nspname) || '.'
            || quote_ident(c.relname) AS identity
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384
        ), routine AS (
          SELECT p.oid, CASE p.prokind WHEN 'p' THEN 'procedure ' WHEN 'a' THEN 'aggregate ' ELSE 'function ' END
            || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS identity
          FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
          WHERE p.oid >= 16384
        ), needed AS (
          SELECT 'pg_class'::regclass AS class, oid, identity FROM seen
          UNION ALL SELECT 'pg_type'::regclass, t.oid, s.identity
            FROM pg_type AS t LEFT JOIN pg_type AS e ON e.typarray = t.oid
              JOIN seen AS s ON s.oid IN (t.typrelid, e.typrelid)
          UNION ALL SELECT 'pg_proc'::regclass, oid, identity FROM routine
          UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'constraint ' || k.conrelid::regclass || '.' || quote_ident(k.conname)
            FROM pg_constraint AS k WHERE k.contype IN ('p', 'u') AND k.conrelid >= 16384
        ), needing AS (
          SELECT 'pg_rewrite'::regclass AS class, w.oid, 0 AS part, s.identity
            FROM pg_rewrite AS w JOIN seen AS s ON s.oid = w.ev_class WHERE w.rulename = '_RETURN'
          UNION ALL SELECT 'pg_proc'::regclass, oid, 0, identity FROM routine
          UNION ALL SELECT 'pg_class'::regclass, a.attrelid, a.attnum,
              'column ' || c.oid::regclass || '.' || quote_ident(a.attname)
            FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
            WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND c.oid >= 16384
          UNION ALL SELECT 'pg_attrdef'::regclass, d.oid, 0, 'column ' || d.adrelid::regclass || '.' || quote_ident(a.attname)
            FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
          UNION ALL SELECT 'pg_class'::regclass, i.indexrelid, 0, 'index ' || i.indexrelid::regclass
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
            WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384
          UNION ALL SELECT 'pg_statistic_ext'::regclass, x.oid, 0, 'statistics ' || quote_ident(n.nspname) || '.'
              || quote_ident(x.stxname)
            FROM pg_statistic_ext AS x JOIN pg_namespace AS n ON n.oid = x.stxnamespace
          UNION ALL SELECT 'pg_type'::regclass, t.oid, 0, 'domain ' || t.oid::regtype
            FROM pg_type AS t WHERE t.typtype = 'd' AND t.oid >= 16384
        )
        SELECT DISTINCT a.identity, b.identity
        FROM pg_depend AS d JOIN needing AS a ON (a.class, a.oid, a.part) = (d.classid, d.objid, d.objsubid)
          JOIN needed AS b ON (b.class, b.oid) = (d.refclassid, d.refobjid)
        WHERE a.identity <> b.identity
        """;

    public Stage {
        partitionConditions = Map.copyOf(partitionConditions);
        neededExtensions = Set.copyOf(neededExtensions);
        noCasts = Set.copyOf(noCasts);
        needs = Map.copyOf(needs);
    }

    public static Stage read(Connection connection) throws SQLException {
        return new Stage(
                CatalogSnapshot.read(connection),
                SchemaReader.read(connection),
                conditions(connection),
                neededExtensions(connection),
                Set.of(),
                CanonicalOutput.reading(connection, () -> needs(connection)));
    }

    public Stage withNoCasts(Set<String> missing) {
        return new Stage(catalog, schema, partitionConditions, neededExtensions, missing, needs);
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

    private static Map<String, Set<String>> needs(Connection connection) throws SQLException {
        Map<String, Set<String>> needs = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(NEEDS)) {
            while (rows.next()) {
                needs.computeIfAbsent(rows.getString(1), none -> new TreeSet<>())
                        .add(rows.getString(2));
            }
        }
        return needs;
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
