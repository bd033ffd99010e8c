package dev.fermata.postgres.catalog;

import java.util.regex.Pattern;

/**
 * Which objects of a database are the user's: the WITH clause that every catalog query starts with.
 *
 * <pre>
 * user_schema    oid, name                  name as SQL, quoted
 * user_relation  all of pg_class, and name  schema-qualified SQL; no toast tables; no row if an extension owns it
 * user_heir      oid, last, scaffold        tables with columns that they have from their parents (INHERITS) alone: the
 *                                           number of the last of them, and a name that is free; only where none of
 *                                           the columns up to there is generated, or an identity that its parent's is not
 * user_function  oid, proleakproof, identity as in a {@link CatalogSnapshot}, definition without LEAKPROOF, restricted:
 *                perhaps not for every role to make; no aggregates
 * </pre>
 *
 * what rests in the {@link Attic} is not the user's any more,
 *
 * and {@code MADE_BY_USER(catalog, oid)}, a condition: that object came neither with an extension nor as the inside of
 * another object, such as the constructor functions of a range type.
 */
final class UserObjects {
    private static final String WITH = """
        WITH user_schema AS MATERIALIZED (
          SELECT n.oid, quote_ident(n.nspname) AS name
          FROM pg_namespace n
          WHERE n.nspname !~ '^(pg_|fermata_attic)' AND n.nspname NOT IN ('information_schema', 'fermata')
        ), user_relation AS MATERIALIZED (
          SELECT c.*, s.name || '.' || quote_ident(c.relname) AS name
          FROM pg_class c JOIN user_schema s ON s.oid = c.relnamespace
          WHERE c.relname !~ '^fermata_attic_'
            AND NOT EXISTS (SELECT FROM pg_depend e
                            WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
        ), user_heir AS (
          SELECT r.oid, inherited.last, r.relnamespace::regnamespace || '.fermata_heir_' || md5(r.name) AS scaffold
          FROM user_relation r CROSS JOIN LATERAL (
            SELECT max(a.attnum) AS last FROM pg_attribute a
            WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attislocal
              AND a.attname !~ '^fermata_attic_') inherited
          WHERE r.relkind = 'r' AND NOT r.relispartition AND inherited.last IS NOT NULL
            AND NOT EXISTS (SELECT FROM pg_attribute a
                            WHERE a.attrelid = r.oid AND a.attnum BETWEEN 1 AND inherited.last AND NOT a.attisdropped
                              AND (a.attgenerated <> '' OR a.attidentity <> '' AND NOT a.attislocal))
        ), user_function AS (
          SELECT p.oid, p.proleakproof,
                 CASE p.prokind WHEN 'p' THEN 'procedure ' ELSE 'function ' END || s.name || '.'
                   || quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')' AS identity,
                 CASE WHEN p.proleakproof THEN regexp_replace(pg_get_functiondef(p.oid),
                   '(\\n LANGUAGE [^\\n]*\\n[^\\n]*?) LEAKPROOF', '\\1')
                   ELSE pg_get_functiondef(p.oid) END AS definition,
                 NOT l.lanpltrusted OR p.prosupport::oid <> 0 OR p.proconfig IS NOT NULL AS restricted
          FROM pg_proc p JOIN user_schema s ON s.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
          WHERE p.prokind <> 'a' AND MADE_BY_USER(pg_proc, p.oid)
        )
        """;

    private static final Pattern MADE_BY_USER = Pattern.compile("MADE_BY_USER\\((\\w+), ([\\w.]+)\\)");

    private UserObjects() {}

    static String query(String select) {
        return MADE_BY_USER.matcher(WITH + select).replaceAll("""
            NOT EXISTS (SELECT FROM pg_depend e
                        WHERE e.classid = '$1'::regclass AND e.objid = $2 AND e.deptype IN ('e', 'i'))\
            """);
    }
}
