package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.SafeMessage;
import java.util.List;

/**
 * That everybody who writes to a table may use what a trigger of the plan will use for them. ALTER TABLE asks for the rights of
 * the owner alone; a trigger runs with those of the application, which would be stopped by the first row that it writes.
 */
final class WritersRights {
    /**
     * What an expression uses stands in the dependencies of a view of it (PostgreSQL documentation, 5.15). Everybody may use
     * what came with the server; of that none is recorded.
     */
    private static final String MISSING_FOR_TABLE = """
        WITH used AS (
          SELECT d.refclassid, d.refobjid FROM pg_catalog.pg_depend AS d
          WHERE (d.classid, d.objid) IN (
            SELECT 'pg_catalog.pg_class'::regclass::oid, view
            UNION ALL SELECT 'pg_catalog.pg_rewrite'::regclass::oid, r.oid FROM pg_catalog.pg_rewrite AS r
            WHERE r.ev_class = view)),
        needed AS (
          SELECT p.pronamespace AS schema, p.oid AS routine FROM used AS u JOIN pg_catalog.pg_proc AS p ON p.oid = u.refobjid
          WHERE u.refclassid = 'pg_catalog.pg_proc'::regclass
          UNION SELECT o.oprnamespace, o.oprcode FROM used AS u JOIN pg_catalog.pg_operator AS o ON o.oid = u.refobjid
          WHERE u.refclassid = 'pg_catalog.pg_operator'::regclass
          UNION SELECT t.typnamespace, NULL FROM used AS u JOIN pg_catalog.pg_type AS t ON t.oid = u.refobjid
          WHERE u.refclassid = 'pg_catalog.pg_type'::regclass)
        SELECT string_agg(DISTINCT CASE WHEN pg_catalog.has_schema_privilege(w.oid, n.schema, 'USAGE')
                                        THEN 'EXECUTE ON FUNCTION ' || n.routine::regprocedure
                                        ELSE 'USAGE ON SCHEMA ' || n.schema::regnamespace END
                          || ' TO ' || quote_ident(w.rolname), ', ')
        FROM needed AS n CROSS JOIN pg_catalog.pg_roles AS w
        WHERE w.rolcanlogin AND NOT w.rolsuper
          AND (pg_catalog.has_any_column_privilege(w.oid, TABLE, 'INSERT')
               OR pg_catalog.has_any_column_privilege(w.oid, TABLE, 'UPDATE'))
          AND NOT (pg_catalog.has_schema_privilege(w.oid, n.schema, 'USAGE')
                   AND (n.routine IS NULL OR pg_catalog.has_function_privilege(w.oid, n.routine, 'EXECUTE')))
        """;

    private WritersRights() {}

    /**
     * A statement that fails, with the grants that are missing, where somebody could not write any more.
     *
     * @param alias by which the expressions name the table
     * @param key of the run and piece
     */
    static String require(QualifiedName table, String alias, String key, List<String> expressions) {
        String view = Attic.SCHEMA + "." + Sql.quote(Attic.moved(key, "uses"));
        StringBuilder columns = new StringBuilder();
        for (String expression : expressions) {
            columns.append(columns.isEmpty() ? "" : ", ")
                    .append(expression)
                    .append(" AS c")
                    .append(columns.length());
        }
        String regclass = Sql.literal(table.sql()) + "::pg_catalog.regclass";
        return "DO "
                + Sql.literal("DECLARE missing text; view oid; BEGIN CREATE VIEW " + view + " AS SELECT " + columns
                        + " FROM " + table.sql() + " AS " + alias + "; view := " + Sql.literal(view)
                        + "::pg_catalog.regclass; missing := (" + MISSING_FOR_TABLE.replace("TABLE", regclass)
                        + "); DROP VIEW " + view
                        + "; IF missing IS NOT NULL THEN RAISE EXCEPTION "
                        + Sql.literal("the application could not write to "
                                + table.sql().replace("%", "%%")
                                + " any more, as triggers use what it has no rights on: GRANT %")
                        + ", missing USING ERRCODE = " + Sql.literal(SafeMessage.RAISED_BY_A_PLAN) + "; END IF; END");
    }
}
