package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The names and the small statements of a change of a column's type. All that is left afterwards has names that are out of
 * sight of snapshots.
 *
 * @param conversion of the old value, as SQL in which the table's columns are named
 */
record TypeNames(QualifiedName table, Column old, Column wanted, String conversion, String key, SchemaModel schema) {
    /** Triggers fire in the order of their names: after those of the application, whatever they change. */
    private static final String LAST = "zzz_";

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

    private String trigger(String which) {
        return Sql.quote(LAST + Attic.resting(key, which));
    }

    private String function(String which) {
        return Attic.SCHEMA + "." + Sql.quote(Attic.moved(key, which));
    }

    private String searchPath() {
        List<String> path = schema.searchPath();
        return path.isEmpty() ? "public" : path.stream().map(Sql::quote).collect(Collectors.joining(", "));
    }

    private String function(String which, String body) {
        return "CREATE OR REPLACE FUNCTION " + function(which)
                + "() RETURNS trigger LANGUAGE plpgsql SET search_path = " + searchPath() + " AS " + Sql.literal(body);
    }

    private String create(String which) {
        return "CREATE OR REPLACE TRIGGER " + trigger(which) + " BEFORE INSERT OR UPDATE ON " + table.sql()
                + " FOR EACH ROW EXECUTE FUNCTION " + function(which) + "()";
    }

    /** The row is put under the table's own name, so that the conversion finds its columns. */
    String forthFunction() {
        return function(
                "forth",
                "BEGIN SELECT " + conversion + " INTO NEW." + made() + " FROM (SELECT NEW.*) AS " + alias()
                        + "; RETURN NEW; END");
    }

    String forth() {
        return create("forth");
    }

    String dropForth() {
        return "DROP TRIGGER IF EXISTS " + trigger("forth") + " ON " + table.sql();
    }

    String dropForthFunction() {
        return "DROP FUNCTION IF EXISTS " + function("forth") + "()";
    }

    /** A value that the old type cannot hold leaves nothing there. */
    String backFunction() {
        return function(
                "back",
                "BEGIN BEGIN NEW." + resting() + " := NEW." + column() + "::" + old.type()
                        + "; EXCEPTION WHEN data_exception THEN NEW." + resting()
                        + " := NULL; END; RETURN NEW; END");
    }

    String back() {
        return create("back");
    }

    String dropBack() {
        return "DROP TRIGGER IF EXISTS " + trigger("back") + " ON " + table.sql();
    }

    String dropBackFunction() {
        return "DROP FUNCTION IF EXISTS " + function("back") + "()";
    }

    String compare() {
        return "DO "
                + Sql.literal("BEGIN IF EXISTS (SELECT FROM " + table.sql() + " AS " + alias() + " WHERE " + made()
                        + " IS DISTINCT FROM (" + conversion + ")) THEN RAISE EXCEPTION "
                        + Sql.literal("rows of " + table.sql().replace("%", "%%")
                                + " have another value in the new column than their old one converts to")
                        + "; END IF; END");
    }
}
