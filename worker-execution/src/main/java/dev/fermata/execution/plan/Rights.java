package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Who may do what with an object.
 *
 * <p>One that takes the place of another, or is made again, may have rights that the other had not, and lack some that
 * everybody has, by ALTER DEFAULT PRIVILEGES. So what it becomes is compared with what it has when the step runs.
 *
 * @param name as SQL
 */
record Rights(Securable kind, String name) {
    /** Who granted it is left out: it is the owner who grants it again. */
    private static final String RIGHTS = "SELECT grantee, privilege_type, is_grantable FROM aclexplode(";

    private static final String WHO =
            "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END";

    /** As GRANT calls it. */
    String on() {
        return kind.keyword() + " " + name;
    }

    Optional<String> owner(CatalogSnapshot catalog) {
        return catalog.definition("owner of " + kind.called() + " " + name);
    }

    /** Empty where nobody has granted or revoked anything. */
    Optional<AccessList> list(CatalogSnapshot catalog) {
        return catalog.definition("grant on " + kind.called() + " " + name).map(AccessList::parse);
    }

    /** An expression: the list of by then. */
    String list() {
        return kind.list(name);
    }

    /** A statement: they become those that the catalog has. */
    String become(CatalogSnapshot catalog) {
        return become(list(catalog).map(Rights::expression).orElseGet(() -> kind.usualList(name)));
    }

    /** An array without items has no dimension, and is refused as a list. */
    private static String expression(AccessList list) {
        String items = list.items().stream().map(Sql::literal).collect(Collectors.joining(", "));
        return items.isEmpty() ? "NULL::aclitem[]" : "ARRAY[" + items + "]::aclitem[]";
    }

    /** @param was an expression, an array of {@code aclitem} */
    String become(String was) {
        String had = RIGHTS + was + ")";
        String has = RIGHTS + list() + ")";
        String on = " ON " + on().replace("%", "%%");
        return "DO "
                + Sql.literal("DECLARE statement text; BEGIN FOR statement IN"
                        + " SELECT format(" + Sql.literal("REVOKE %s" + on + " FROM %s") + ", privilege_type, " + WHO
                        + ") FROM (" + has + " EXCEPT " + had + ") AS more UNION ALL"
                        + " SELECT format(" + Sql.literal("GRANT %s" + on + " TO %s%s") + ", privilege_type, " + WHO
                        + ", CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END) FROM (" + had + " EXCEPT " + has
                        + ") AS less LOOP EXECUTE statement; END LOOP; END");
    }
}
