package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** What belongs to relations, by their OID. */
record TableParts(
        Map<Long, List<Column>> columns,
        Map<Long, List<Index>> indexes,
        Map<Long, List<Constraint>> constraints,
        Map<Long, List<Trigger>> triggers,
        Map<Long, List<Policy>> policies,
        Map<Long, List<QualifiedName>> parents,
        Map<Long, List<QualifiedName>> children) {

    private static final String COLUMNS = """
        SELECT a.attrelid AS of, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid) AS expression, a.attgenerated, a.attidentity,
               CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                 THEN co.collname END AS collation, cs.nspname AS collation_schema
        FROM user_schema s JOIN pg_class c ON c.relnamespace = s.oid
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cs ON cs.oid = co.collnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
        ORDER BY a.attrelid, a.attnum
        """;

    private static final String INDEXES = """
        SELECT x.indrelid AS of, s.nspname, i.relname, ts.nspname AS table_schema, t.relname AS table_name, m.amname,
               x.indisunique, x.indisprimary, x.indisvalid, k.keys, k.included,
               pg_get_expr(x.indpred, x.indrelid) AS predicate, con.conname,
               pg_get_indexdef(x.indexrelid) AS definition,
               CASE WHEN i.relkind = 'i' THEN coalesce(pg_relation_size(i.oid), 0) ELSE 0 END AS bytes,
               coalesce(pg_stat_get_numscans(i.oid), 0) AS scans
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN user_schema s ON s.oid = i.relnamespace
          JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace ts ON ts.oid = t.relnamespace
          JOIN pg_am m ON m.oid = i.relam
          LEFT JOIN pg_constraint con ON con.conindid = i.oid AND con.contype IN ('p', 'u', 'x')
          CROSS JOIN LATERAL (
            SELECT array_agg(coalesce(a.attname::text, '') ORDER BY o.n) FILTER (WHERE o.n <= x.indnkeyatts) AS keys,
                   array_agg(a.attname::text ORDER BY o.n) FILTER (WHERE o.n > x.indnkeyatts) AS included
            FROM unnest(x.indkey::smallint[]) WITH ORDINALITY o (attnum, n)
              LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = o.attnum AND o.attnum <> 0) k
        ORDER BY x.indrelid, i.relname
        """;

    /** {@code conenforced} is of PostgreSQL 18 only; the definition says it last, and no expression can end so. */
    private static final String CONSTRAINTS = """
        SELECT k.conrelid AS of, s.nspname, t.relname, k.conname, k.contype::text, f.columns, f.referenced,
               rs.nspname AS other_schema, r.relname AS other_name, pg_get_constraintdef(k.oid) AS definition,
               k.convalidated, k.condeferrable, k.conparentid <> 0 OR NOT k.conislocal AS inherited
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN user_schema s ON s.oid = t.relnamespace
          LEFT JOIN pg_class r ON r.oid = k.confrelid LEFT JOIN pg_namespace rs ON rs.oid = r.relnamespace
          CROSS JOIN LATERAL (
            SELECT array_agg(a.attname::text ORDER BY o.n) AS columns,
                   array_agg(b.attname::text ORDER BY o.n) FILTER (WHERE b.attname IS NOT NULL) AS referenced
            FROM unnest(k.conkey) WITH ORDINALITY o (attnum, n)
              LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.attnum
              LEFT JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[o.n]) f
        WHERE k.contype IN ('p', 'u', 'c', 'f', 'x', 'n')
        ORDER BY k.conrelid, k.conname
        """;

    private static final String TRIGGERS = """
        SELECT g.tgrelid AS of, s.nspname, t.relname, g.tgname, fs.nspname AS function_schema, p.proname,
               g.tgtype & 1 = 1 AS for_row, g.tgenabled IN ('O', 'A') AS enabled, pg_get_triggerdef(g.oid) AS definition
        FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN user_schema s ON s.oid = t.relnamespace
          JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace fs ON fs.oid = p.pronamespace
        WHERE NOT g.tgisinternal
        ORDER BY g.tgrelid, g.tgname
        """;

    private static final String POLICIES = """
        SELECT p.polrelid AS of, s.nspname, t.relname, p.polname,
               CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                 ELSE 'ALL' END AS command,
               concat_ws(' ', 'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
                 'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')') AS expressions
        FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid JOIN user_schema s ON s.oid = t.relnamespace
        ORDER BY p.polrelid, p.polname
        """;

    private static final String INHERITANCE = """
        SELECT %s AS of, s.nspname, o.relname
        FROM pg_inherits i JOIN pg_class o ON o.oid = %s JOIN pg_namespace s ON s.oid = o.relnamespace
        WHERE o.relkind IN ('r', 'p', 'f')
        ORDER BY 1, i.inhseqno, o.relname
        """;

    static TableParts read(Connection connection) throws SQLException {
        return new TableParts(
                Rows.byOid(connection, SchemaReader.query(COLUMNS), TableParts::column),
                Rows.byOid(connection, SchemaReader.query(INDEXES), TableParts::index),
                Rows.byOid(connection, SchemaReader.query(CONSTRAINTS), TableParts::constraint),
                Rows.byOid(connection, SchemaReader.query(TRIGGERS), TableParts::trigger),
                Rows.byOid(connection, SchemaReader.query(POLICIES), TableParts::policy),
                Rows.byOid(connection, INHERITANCE.formatted("i.inhrelid", "i.inhparent"), TableParts::name),
                Rows.byOid(connection, INHERITANCE.formatted("i.inhparent", "i.inhrelid"), TableParts::name));
    }

    private static QualifiedName name(ResultSet row) throws SQLException {
        return new QualifiedName(row.getString("nspname"), row.getString("relname"));
    }

    private static Column column(ResultSet row) throws SQLException {
        String collation = row.getString("collation");
        return new Column(
                row.getString("attname"),
                row.getString("type"),
                row.getBoolean("attnotnull"),
                row.getString("expression"),
                switch (row.getString("attgenerated")) {
                    case "s" -> Column.Generated.STORED;
                    case "v" -> Column.Generated.VIRTUAL;
                    default -> Column.Generated.NO;
                },
                switch (row.getString("attidentity")) {
                    case "a" -> Column.Identity.ALWAYS;
                    case "d" -> Column.Identity.BY_DEFAULT;
                    default -> Column.Identity.NO;
                },
                collation == null ? null : new QualifiedName(row.getString("collation_schema"), collation).sql());
    }

    private static Index index(ResultSet row) throws SQLException {
        return new Index(
                name(row),
                new QualifiedName(row.getString("table_schema"), row.getString("table_name")),
                row.getString("amname"),
                row.getBoolean("indisunique"),
                row.getBoolean("indisprimary"),
                row.getBoolean("indisvalid"),
                Rows.strings(row, "keys"),
                Rows.strings(row, "included"),
                row.getString("predicate"),
                row.getString("conname"),
                row.getString("definition"),
                row.getLong("bytes"),
                row.getLong("scans"));
    }

    private static Constraint constraint(ResultSet row) throws SQLException {
        String other = row.getString("other_name");
        return new Constraint(
                row.getString("conname"),
                switch (row.getString("contype")) {
                    case "p" -> Constraint.Kind.PRIMARY_KEY;
                    case "u" -> Constraint.Kind.UNIQUE;
                    case "c" -> Constraint.Kind.CHECK;
                    case "f" -> Constraint.Kind.FOREIGN_KEY;
                    case "x" -> Constraint.Kind.EXCLUSION;
                    default -> Constraint.Kind.NOT_NULL;
                },
                name(row),
                Rows.strings(row, "columns"),
                other == null ? null : new QualifiedName(row.getString("other_schema"), other),
                Rows.strings(row, "referenced"),
                row.getString("definition"),
                row.getBoolean("convalidated"),
                !row.getString("definition").endsWith(" NOT ENFORCED"),
                row.getBoolean("condeferrable"),
                row.getBoolean("inherited"));
    }

    private static Trigger trigger(ResultSet row) throws SQLException {
        return new Trigger(
                row.getString("tgname"),
                name(row),
                new QualifiedName(row.getString("function_schema"), row.getString("proname")),
                row.getBoolean("for_row"),
                row.getBoolean("enabled"),
                row.getString("definition"));
    }

    private static Policy policy(ResultSet row) throws SQLException {
        return new Policy(row.getString("polname"), name(row), row.getString("command"), row.getString("expressions"));
    }
}
