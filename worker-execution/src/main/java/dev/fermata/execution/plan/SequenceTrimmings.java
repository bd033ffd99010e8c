package dev.fermata.execution.plan;

/**
 * Grants and comment of a sequence that another takes the place of. They are read when the step runs: who may use it may be
 * other people by then, others still on the way back, and nobody on a clone, where their roles may not even be.
 *
 * @param sequence as SQL, both before and after
 * @param kept as SQL: a table of one row that outlives the old one
 */
record SequenceTrimmings(String sequence, String kept) {
    /** Who granted it is left out: it is the owner who grants it again. */
    private static final String RIGHTS = "SELECT grantee, privilege_type, is_grantable FROM aclexplode(";

    private static final String WHO =
            "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END";

    /** No list at all is one, too: what the owner has. */
    private static String list(String of) {
        return "(SELECT coalesce(c.relacl, acldefault('s', c.relowner)) FROM pg_class AS c WHERE c.oid = " + of + ")";
    }

    private String oid() {
        return Sql.literal(sequence) + "::regclass";
    }

    /** What to keep of the old one, for the list of a SELECT. */
    String read() {
        return list(oid()) + " AS rights, obj_description(" + oid() + ", 'pg_class') AS said";
    }

    /** The new one may have rights that the old one had not, by ALTER DEFAULT PRIVILEGES. */
    String again() {
        String was = RIGHTS + "(SELECT rights FROM " + kept + "))";
        String is = RIGHTS + list(oid()) + ")";
        String on = " ON SEQUENCE " + sequence.replace("%", "%%");
        return "DO "
                + Sql.literal("DECLARE statement text; BEGIN FOR statement IN"
                        + " SELECT format(" + Sql.literal("REVOKE %s" + on + " FROM %s") + ", privilege_type, " + WHO
                        + ") FROM (" + is + " EXCEPT " + was + ") AS more UNION ALL"
                        + " SELECT format(" + Sql.literal("GRANT %s" + on + " TO %s%s") + ", privilege_type, " + WHO
                        + ", CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END) FROM (" + was + " EXCEPT " + is
                        + ") AS less UNION ALL SELECT format("
                        + Sql.literal("COMMENT" + on + " IS %L") + ", said) FROM " + kept
                        + " WHERE said IS NOT NULL LOOP EXECUTE statement; END LOOP; END");
    }
}
