package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The moment of a type change: the new column and all that was made for it take the names of the old one. And back. */
final class TypeSwap {
    private final Scene scene;
    private final Relation table;
    private final Column old;
    private final Column wanted;
    private final TypeNames names;
    private final List<Index> indexes;
    private final List<Constraint> constraints;
    private final List<Constraint> keysToIt;

    TypeSwap(
            Scene scene,
            Relation table,
            Column old,
            Column wanted,
            TypeNames names,
            List<Index> indexes,
            List<Constraint> constraints,
            List<Constraint> keysToIt) {
        this.scene = scene;
        this.table = table;
        this.old = old;
        this.wanted = wanted;
        this.names = names;
        this.indexes = indexes;
        this.constraints = constraints;
        this.keysToIt = keysToIt;
    }

    private Optional<Constraint> primaryKey() {
        return constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.PRIMARY_KEY)
                .findFirst();
    }

    private Optional<Constraint> uniqueOf(Index index) {
        return constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.UNIQUE
                        && c.name().equals(index.name().name()))
                .findFirst();
    }

    List<String> forth() {
        List<String> sql = new ArrayList<>();
        keysToIt.forEach(key -> sql.add(Sql.alter(key.table(), "DROP CONSTRAINT " + Sql.quote(key.name()))));
        sql.add(names.dropForth());
        sql.add(names.dropForthFunction());
        constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.CHECK || c.kind() == Constraint.Kind.FOREIGN_KEY)
                .forEach(c -> {
                    sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(c.name())));
                    sql.add(names.alter("RENAME CONSTRAINT " + Sql.quote(names.temporary(c.name())) + " TO "
                            + Sql.quote(c.name())));
                });
        primaryKey().ifPresent(key -> sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(key.name()))));
        valuesForth(sql);
        sql.add(names.alter("RENAME COLUMN " + names.column() + " TO " + names.resting()));
        sql.add(names.alter("RENAME COLUMN " + names.made() + " TO " + names.column()));
        if (hasNamedNotNull()) {
            sql.add(names.alter(
                    "RENAME CONSTRAINT " + Sql.quote(names.temporary("not_null")) + " TO " + Sql.quote(notNull())));
        }
        indexes.forEach(index -> indexForth(index, sql));
        settings(sql);
        sql.add(names.backFunction());
        sql.add(names.back());
        keysToIt.forEach(key -> sql.add(Sql.alter(
                key.table(),
                "ADD CONSTRAINT " + Sql.quote(key.name()) + " " + key.definition()
                        + (key.definition().endsWith(" NOT VALID") ? "" : " NOT VALID"))));
        return sql;
    }

    private boolean hasNamedNotNull() {
        return old.notNull() && scene.majorVersion() >= ConstraintRewrite.NOT_NULL_IS_A_CONSTRAINT;
    }

    private String notNull() {
        return NotNull.name(table, old.name());
    }

    /** Default, identity and owned sequences go from the old column to the new one. */
    private void valuesForth(List<String> sql) {
        if (old.identity() != Column.Identity.NO) {
            identity(names.column(), names.made(), wanted, scene.after(), sql);
        } else {
            if (old.defaultExpression() != null) {
                sql.add(names.alter("ALTER COLUMN " + names.column() + " DROP DEFAULT"));
            }
            if (wanted.defaultExpression() != null) {
                sql.add(names.alter("ALTER COLUMN " + names.made() + " SET DEFAULT " + wanted.defaultExpression()));
            }
            owned().forEach(sequence -> {
                sql.add("ALTER SEQUENCE " + sequence + " OWNED BY "
                        + table.name().sql() + "." + names.made());
            });
        }
        if (old.notNull()) {
            sql.add(names.alter("ALTER COLUMN " + names.column() + " DROP NOT NULL"));
        }
    }

    /** The sequence of an identity cannot change hands: a new one goes on where the old one was. */
    private void identity(String from, String to, Column as, Stage stage, List<String> sql) {
        String sequence = identitySequence(scene.before()).orElseThrow();
        String definition = stage.catalog().definition("sequence " + sequence).orElse("");
        String next = Attic.SCHEMA + "." + Sql.quote(Attic.moved(names.key(), "next"));
        sql.add("CREATE TABLE " + next + " AS SELECT last_value, is_called FROM " + sequence);
        sql.add(names.alter("ALTER COLUMN " + from + " DROP IDENTITY"));
        sql.add(names.alter("ALTER COLUMN " + to + " ADD GENERATED "
                + (as.identity() == Column.Identity.ALWAYS ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY (SEQUENCE NAME "
                + sequence + IdentityOptions.of(definition) + ")"));
        sql.add("SELECT setval(" + Sql.literal(sequence) + ", last_value, is_called) FROM " + next);
        sql.add("DROP TABLE " + next);
    }

    private Optional<String> identitySequence(Stage stage) {
        String of = " identity of " + table.name().sql() + "." + names.column();
        return stage.catalog().definitions().entrySet().stream()
                .filter(object -> object.getKey().startsWith("sequence ")
                        && object.getValue().endsWith(of))
                .map(object -> object.getKey().substring("sequence ".length()))
                .findFirst();
    }

    private List<String> owned() {
        String by = " owned by " + table.name().sql() + "." + names.column();
        return scene.before().catalog().definitions().entrySet().stream()
                .filter(object -> object.getKey().startsWith("sequence ")
                        && object.getValue().endsWith(by))
                .map(object -> object.getKey().substring("sequence ".length()))
                .toList();
    }

    private void indexForth(Index index, List<String> sql) {
        String name = Sql.quote(index.name().name());
        String made = Sql.quote(names.temporary(index.name().name()));
        if (index.primary()) {
            sql.add(names.alter("ADD CONSTRAINT " + name + " PRIMARY KEY USING INDEX " + made));
            return;
        }
        String resting = Sql.quote(Attic.resting(names.key(), index.name().name()));
        sql.add("ALTER INDEX " + index.name().sql() + " RENAME TO " + resting);
        Optional<Constraint> unique = uniqueOf(index);
        if (unique.isPresent()) {
            sql.add(UniqueRewrite.using(
                    table.name(),
                    index.name().name(),
                    names.temporary(index.name().name()),
                    unique.get().definition()));
        } else {
            sql.add("ALTER INDEX "
                    + new QualifiedName(
                                    index.name().schema(),
                                    names.temporary(index.name().name()))
                            .sql() + " RENAME TO " + name);
        }
    }

    /** Comment, grants and statistics target belong to a column and are not renamed with it. */
    private void settings(List<String> sql) {
        String column = table.name().sql() + "." + names.column();
        scene.before()
                .catalog()
                .definition("comment on table column " + column)
                .ifPresent(comment -> sql.add("COMMENT ON COLUMN " + column + " IS " + Sql.literal(comment)));
        sql.addAll(Ownership.ofColumn(table.name(), names.column(), names.column(), scene.target()));
    }

    Undo back() {
        List<Unit> units = new ArrayList<>();
        primaryKey().ifPresent(key -> units.add(oldKey(key)));
        NotNull proof = new NotNull(table.name(), Sql.unquoted(names.resting()));
        if (old.notNull()) {
            units.add(Unit.transaction(proof.add()));
            units.add(Unit.transaction(proof.validate()));
        }
        units.add(Unit.transaction(swapBack(proof).toArray(String[]::new)));
        constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.CHECK || c.kind() == Constraint.Kind.FOREIGN_KEY)
                .filter(c -> c.validated() && c.enforced())
                .forEach(c -> units.add(Unit.transaction(names.alter("VALIDATE CONSTRAINT " + Sql.quote(c.name())))));
        keysToIt.forEach(key ->
                units.add(Unit.transaction(Sql.alter(key.table(), "VALIDATE CONSTRAINT " + Sql.quote(key.name())))));
        return TypeFit.everyNewValueFitsTheOld(old.type(), wanted.type())
                ? Undo.by(units)
                : Undo.losing(
                        "values that were written into " + table.name() + "." + old.name()
                                + " after the change and that " + old.type() + " cannot hold are not in the old column"
                                + (old.notNull() ? ", which is NOT NULL: the rollback stops at them" : ""),
                        units);
    }

    private Unit oldKey(Constraint key) {
        Index index = indexes.stream().filter(Index::primary).findFirst().orElseThrow();
        String resting = Attic.resting(names.key(), key.name());
        String create = Tokens.replaced(index.definition(), old.name(), Sql.unquoted(names.resting()));
        return Unit.autocommit(
                UniqueRewrite.concurrently(Tokens.renamedIndex(create, Sql.quote(resting))),
                UniqueRewrite.isValid(new QualifiedName(index.name().schema(), resting)));
    }

    private List<String> swapBack(NotNull proof) {
        List<String> sql = new ArrayList<>();
        keysToIt.forEach(key -> sql.add(Sql.alter(key.table(), "DROP CONSTRAINT " + Sql.quote(key.name()))));
        sql.add(names.dropBack());
        sql.add(names.dropBackFunction());
        constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.CHECK || c.kind() == Constraint.Kind.FOREIGN_KEY)
                .forEach(c -> sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(c.name()))));
        primaryKey().ifPresent(key -> sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(key.name()))));
        if (hasNamedNotNull()) {
            sql.add(names.alter(
                    "RENAME CONSTRAINT " + Sql.quote(notNull()) + " TO " + Sql.quote(names.temporary("not_null"))));
        }
        if (old.notNull()) {
            sql.add(proof.set(notNull(), scene.majorVersion()));
            sql.add(proof.drop());
        }
        valuesBack(sql);
        indexes.forEach(index -> indexBack(index, sql));
        sql.add(names.alter("RENAME COLUMN " + names.column() + " TO " + names.made()));
        if (old.notNull()) {
            sql.add(names.alter("ALTER COLUMN " + names.made() + " DROP NOT NULL")); // nothing fills it any more
        }
        sql.add(names.alter("RENAME COLUMN " + names.resting() + " TO " + names.column()));
        primaryKey()
                .ifPresent(key -> sql.add(names.alter("ADD CONSTRAINT " + Sql.quote(key.name())
                        + " PRIMARY KEY USING INDEX " + Sql.quote(Attic.resting(names.key(), key.name())))));
        constraints.stream()
                .filter(c -> c.kind() == Constraint.Kind.CHECK || c.kind() == Constraint.Kind.FOREIGN_KEY)
                .forEach(c -> sql.add(names.alter("ADD CONSTRAINT " + Sql.quote(c.name()) + " " + c.definition()
                        + (c.validated() && c.enforced() ? " NOT VALID" : ""))));
        keysToIt.forEach(key -> sql.add(Sql.alter(
                key.table(),
                "ADD CONSTRAINT " + Sql.quote(key.name()) + " " + key.definition()
                        + (key.definition().endsWith(" NOT VALID") ? "" : " NOT VALID"))));
        return sql;
    }

    private void valuesBack(List<String> sql) {
        if (old.identity() != Column.Identity.NO) {
            identity(names.column(), names.resting(), old, scene.before(), sql);
            return;
        }
        if (wanted.defaultExpression() != null) {
            sql.add(names.alter("ALTER COLUMN " + names.column() + " DROP DEFAULT"));
        }
        if (old.defaultExpression() != null) {
            sql.add(names.alter("ALTER COLUMN " + names.resting() + " SET DEFAULT " + old.defaultExpression()));
        }
        owned().forEach(sequence -> sql.add(
                "ALTER SEQUENCE " + sequence + " OWNED BY " + table.name().sql() + "." + names.resting()));
    }

    private void indexBack(Index index, List<String> sql) {
        if (index.primary()) {
            return;
        }
        String schema = index.name().schema();
        String resting = Attic.resting(names.key(), index.name().name());
        sql.add("ALTER INDEX " + index.name().sql() + " RENAME TO "
                + Sql.quote(names.temporary(index.name().name())));
        sql.add("ALTER INDEX " + new QualifiedName(schema, resting).sql() + " RENAME TO "
                + Sql.quote(index.name().name()));
    }
}
