package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;

/**
 * SET NOT NULL without reading the table under its lock: a CHECK that was validated before proves it
 * (PostgreSQL documentation, ALTER TABLE, "SET NOT NULL").
 */
record NotNull(QualifiedName table, String column) {
    private String check() {
        String name = "fermata_" + column + "_not_null";
        return Sql.quote(name.length() > 60 ? name.substring(0, 60) : name);
    }

    String add() {
        return Sql.alter(
                table, "ADD CONSTRAINT " + check() + " CHECK (" + Sql.quote(column) + " IS NOT NULL) NOT VALID");
    }

    String validate() {
        return Sql.alter(table, "VALIDATE CONSTRAINT " + check());
    }

    String set() {
        return Sql.alter(table, "ALTER COLUMN " + Sql.quote(column) + " SET NOT NULL");
    }

    /** The same under a name that is not the usual one of this column, where the server has names for it. */
    String set(String name, int majorVersion) {
        return majorVersion >= ConstraintRewrite.NOT_NULL_IS_A_CONSTRAINT
                ? Sql.alter(table, "ADD CONSTRAINT " + Sql.quote(name) + " NOT NULL " + Sql.quote(column))
                : set();
    }

    String drop() {
        return Sql.alter(table, "DROP CONSTRAINT IF EXISTS " + check());
    }

    String unset() {
        return Sql.alter(table, "ALTER COLUMN " + Sql.quote(column) + " DROP NOT NULL");
    }
}
