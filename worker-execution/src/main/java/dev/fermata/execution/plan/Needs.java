package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CanonicalOutput;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which views, functions and keys others, and columns, indexes and so on, cannot be without; by identity. */
final class Needs {
    /**
     * The row type of a view stands for the view, and its rule is the view; an index of a materialized view is no more than a
     * part of it. A view that is grouped by a key needs the key.
     */
    private static final String QUERY = """
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

    private Needs() {}

    static Map<String, Set<String>> read(Connection connection) throws SQLException {
        return CanonicalOutput.readingCatalog(connection, () -> {
            Map<String, Set<String>> needs = new TreeMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(QUERY)) {
                while (rows.next()) {
                    needs.computeIfAbsent(rows.getString(1), none -> new TreeSet<>())
                            .add(rows.getString(2));
                }
            }
            return needs;
        });
    }
}
