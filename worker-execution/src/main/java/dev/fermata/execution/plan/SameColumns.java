package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * What makes a table fit to become a partition or an heir again, where columns rest since the two were parted: the server wants
 * all columns of the parent in it, and of a partition no others (PostgreSQL documentation, ALTER TABLE).
 */
final class SameColumns {
    private SameColumns() {}

    static String ofPartition(QualifiedName parent, QualifiedName partition) {
        return missing(pair(parent, partition) + ", " + pair(partition, parent));
    }

    static String ofHeir(QualifiedName parent, QualifiedName heir) {
        return missing(pair(parent, heir));
    }

    private static String pair(QualifiedName has, QualifiedName gets) {
        return "(" + Sql.literal(has.sql()) + "::regclass, " + Sql.literal(gets.sql()) + "::regclass)";
    }

    private static String missing(String pairs) {
        return "DO "
                + Sql.literal(
                        "DECLARE f record; BEGIN FOR f IN SELECT pair.gets, concat_ws(' ', quote_ident(one.attname),"
                            + " format_type(one.atttypid, one.atttypmod), CASE WHEN one.attcollation NOT IN (0,"
                            + " t.typcollation) THEN 'COLLATE ' || one.attcollation::regcollation END, CASE"
                            + " one.attgenerated WHEN 's' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin,"
                            + " d.adrelid) || ') STORED' WHEN 'v' THEN 'GENERATED ALWAYS AS (' || pg_get_expr(d.adbin,"
                            + " d.adrelid) || ') VIRTUAL' ELSE 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) END, CASE"
                            + " WHEN one.attnotnull THEN"
                            + " 'NOT NULL' END) AS"
                            + " definition"
                            + " FROM"
                            + " (VALUES"
                            + " " + pairs + ") AS pair (has, gets) JOIN pg_attribute AS one ON"
                                + " one.attrelid = pair.has JOIN pg_type AS t ON t.oid ="
                                + " one.atttypid LEFT JOIN pg_attrdef AS d ON d.adrelid ="
                                + " one.attrelid AND d.adnum = one.attnum WHERE one.attname"
                                + " ~ '^fermata_attic_' AND NOT one.attisdropped AND NOT"
                                + " EXISTS (SELECT FROM pg_attribute AS same WHERE"
                                + " same.attrelid = pair.gets AND same.attname ="
                                + " one.attname AND NOT same.attisdropped) ORDER BY"
                                + " pair.gets, one.attnum LOOP EXECUTE format('ALTER TABLE"
                                + " %s ADD COLUMN %s', f.gets, f.definition); END LOOP;"
                                + " END");
    }
}
