package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.SchemaModel;
import java.util.ArrayList;
import java.util.List;

/**
 * The names and the small statements of a change of a column's type. All that is left afterwards has names that are out of
 * sight of snapshots.
 */
record TypeNames(
        QualifiedName table, Column old, Column wanted, Conversion conversion, String key, SchemaModel schema) {
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

    /** Foreign keys that refer to the column, those of partitions along with that of their parent. */
    List<Constraint> keysToIt() {
        return schema.foreignKeysTo(table).stream()
                .filter(key -> key.referencedColumns().contains(old.name()))
                .toList();
    }

    private RowTrigger trigger(String which) {
        return trigger(table, key, which, schema.searchPath());
    }

    private static RowTrigger trigger(QualifiedName table, String key, String which, List<String> searchPath) {
        return new RowTrigger(table, key, which, RowTrigger.Turn.LAST, searchPath);
    }

    /** What a finished change has left on the table, found by its key. */
    static RowTrigger left(QualifiedName table, String key) {
        return trigger(table, key, "back", List.of());
    }

    /** The row is put under the table's own name, so that the conversion finds its columns. */
    String forthFunction() {
        return trigger("forth")
                .createConverter("BEGIN SELECT " + conversion.forth() + " INTO NEW." + made()
                        + " FROM (SELECT NEW.*) AS " + alias() + "; RETURN NEW; END");
    }

    /**
     * Forth and back, for everybody who writes.
     *
     * @param back whether there is a conversion back
     */
    String requireRights(boolean back) {
        List<String> used = new ArrayList<>(List.of("(" + conversion.forth() + ")::" + wanted.type()));
        if (back) {
            used.add("(" + conversion.back("NULL::" + wanted.type(), old.type()) + ")::" + old.type());
        }
        return WritersRights.require(table, alias(), key, used);
    }

    /**
     * A conversion that is known looks at nothing but the old column, so rows whose old value stays need no call: those of
     * the batches that fill the new column, above all.
     */
    List<String> forth() {
        RowTrigger forth = trigger("forth");
        if (!conversion.known()) {
            return List.of(forth.create(), forth.always());
        }
        List<String> sql = new ArrayList<>(forth.createWhereUpdated(
                "NEW." + made() + " IS NULL OR " + Sql.differ("NEW." + column(), "OLD." + column())));
        sql.add(forth.always());
        sql.add(forth.alwaysOnUpdate());
        return sql;
    }

    List<String> dropForth() {
        RowTrigger forth = trigger("forth");
        return conversion.known()
                ? List.of(forth.drop(), forth.dropOnUpdate(), forth.dropFunction())
                : List.of(forth.drop(), forth.dropFunction());
    }

    /**
     * What was there stays as long as nobody changes it. A value that the old type cannot hold leaves nothing there, and
     * whatever goes wrong is no reason to stop the application: not even that a column has another name by now.
     */
    String backFunction() {
        String now = KeptInStep.field("NEW", old.name());
        return trigger("back")
                .createConverter("BEGIN BEGIN IF TG_OP = 'UPDATE' THEN IF NOT "
                        + Sql.differ(now, KeptInStep.field("OLD", old.name()))
                        + " THEN RETURN NEW; END IF; END IF; NEW." + resting() + " := "
                        + conversion.back(now, old.type()) + "; EXCEPTION WHEN undefined_column THEN NULL;"
                        + " WHEN OTHERS THEN NEW." + resting() + " := NULL; END; RETURN NEW; END");
    }

    List<String> back() {
        return List.of(trigger("back").create(), trigger("back").always());
    }

    String dropBack() {
        return trigger("back").drop();
    }

    String dropBackFunction() {
        return trigger("back").dropFunction();
    }

    /** Whether a row has not got what its old value converts to; also for types without equality. */
    String differs() {
        return Sql.differ(alias() + "." + made(), "(" + conversion.forth() + ")::" + wanted.type());
    }

    String compare() {
        return Sql.raise(new Sql.Check(
                "SELECT FROM " + table.sql() + " AS " + alias() + " WHERE " + differs(),
                "rows of " + table.sql() + " have another value in the new column than their old one converts to"));
    }
}
