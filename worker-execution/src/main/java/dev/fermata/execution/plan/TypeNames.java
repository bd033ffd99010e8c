package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.SchemaModel;

/**
 * The names and the small statements of a change of a column's type. All that is left afterwards has names that are out of
 * sight of snapshots.
 *
 * @param conversion of the old value, as SQL in which the table's columns are named
 */
record TypeNames(QualifiedName table, Column old, Column wanted, String conversion, String key, SchemaModel schema) {
    String alter(String what) {
        return Sql.alter(table, what);
    }

    /** Quoted, as all that is returned here. */
    String made() {
        return Sql.quote(Attic.resting(key, "new_" + old.name()));
    }

    String resting() {
        return Sql.quote(Attic.resting(key, old.name()));
    }

    String column() {
        return Sql.quote(old.name());
    }

    /** Conversions name the table's columns, so the table keeps its name where they stand. */
    String alias() {
        return Sql.quote(table.name());
    }

    /** Unquoted: for an index or a constraint until it gets the name of another. */
    String temporary(String name) {
        return Attic.resting(key, "new_" + name);
    }

    private RowTrigger trigger(String which) {
        return new RowTrigger(table, key, which, RowTrigger.Turn.LAST, schema.searchPath());
    }

    /** The row is put under the table's own name, so that the conversion finds its columns. */
    String forthFunction() {
        return trigger("forth")
                .createFunction("BEGIN SELECT " + conversion + " INTO NEW." + made() + " FROM (SELECT NEW.*) AS "
                        + alias() + "; RETURN NEW; END");
    }

    String forth() {
        return trigger("forth").create();
    }

    String dropForth() {
        return trigger("forth").drop();
    }

    String dropForthFunction() {
        return trigger("forth").dropFunction();
    }

    /** A value that the old type cannot hold leaves nothing there. */
    String backFunction() {
        return trigger("back")
                .createFunction("BEGIN BEGIN NEW." + resting() + " := NEW." + column() + "::" + old.type()
                        + "; EXCEPTION WHEN data_exception THEN NEW." + resting()
                        + " := NULL; END; RETURN NEW; END");
    }

    String back() {
        return trigger("back").create();
    }

    String dropBack() {
        return trigger("back").drop();
    }

    String dropBackFunction() {
        return trigger("back").dropFunction();
    }

    String compare() {
        return Sql.raise(new Sql.Check(
                "SELECT FROM " + table.sql() + " AS " + alias() + " WHERE " + made() + " IS DISTINCT FROM ("
                        + conversion + ")",
                "rows of " + table.sql() + " have another value in the new column than their old one converts to"));
    }
}
