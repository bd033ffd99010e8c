package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;

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

    /** Under which name the server has it: that of the table and column as they were called when it was made. */
    static String name(Relation table, String column) {
        return table.constraints().stream()
                .filter(constraint -> constraint.kind() == Constraint.Kind.NOT_NULL
                        && constraint.columns().contains(column))
                .map(Constraint::name)
                .findFirst()
                .orElse(table.name().name() + "_" + column + "_not_null");
    }

    String drop() {
        return Sql.alter(table, "DROP CONSTRAINT IF EXISTS " + check());
    }

    String unset() {
        return Sql.alter(table, "ALTER COLUMN " + Sql.quote(column) + " DROP NOT NULL");
    }
}
