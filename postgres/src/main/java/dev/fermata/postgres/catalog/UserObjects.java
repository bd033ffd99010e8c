package dev.fermata.postgres.catalog;

import java.util.regex.Pattern;

/**
 * Which objects of a database are the user's: the WITH clause that every catalog query starts with.
 *
 * <pre>
 * user_schema    oid, name                  name as SQL, quoted
 * user_relation  all of pg_class, and name  schema-qualified SQL; no toast tables; no row if an extension owns it
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
        )
        """;

    private static final Pattern MADE_BY_USER = Pattern.compile("MADE_BY_USER\\((\\w+), ([\\w.]+)\\)");

    private UserObjects() {}

    static String query(String select) {
        return WITH + MADE_BY_USER.matcher(select).replaceAll("""
            NOT EXISTS (SELECT FROM pg_depend e
                        WHERE e.classid = '$1'::regclass AND e.objid = $2 AND e.deptype IN ('e', 'i'))\
            """);
    }
}
