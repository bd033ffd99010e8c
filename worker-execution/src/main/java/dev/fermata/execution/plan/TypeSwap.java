package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.CatalogDiff;
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
    private final ExtendedStatistics statistics;

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
        this.statistics = new ExtendedStatistics(scene, table.name(), old.name());
    }

    private List<Constraint> constraints(Constraint.Kind... kinds) {
        return constraints.stream()
                .filter(constraint -> List.of(kinds).contains(constraint.kind()))
                .toList();
    }

    /** Checks and foreign keys: what is added NOT VALID. */
    private List<Constraint> conditions() {
        return constraints(Constraint.Kind.CHECK, Constraint.Kind.FOREIGN_KEY);
    }

    /** What an old column that rests would still hold the rows of the application to: it goes, and comes back anew. */
    private List<Constraint> uniqueConstraints() {
        return constraints(Constraint.Kind.PRIMARY_KEY, Constraint.Kind.UNIQUE);
    }

    private List<Index> uniqueIndexes() {
        return indexes.stream().filter(Index::unique).toList();
    }

    private Optional<Constraint> constraintOf(Index index) {
        return uniqueConstraints().stream()
                .filter(constraint -> constraint.name().equals(index.name().name()))
                .findFirst();
    }

    private List<String> dropUnique() {
        List<String> sql = new ArrayList<>();
        uniqueConstraints().forEach(key -> sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(key.name()))));
        uniqueIndexes().stream()
                .filter(index -> constraintOf(index).isEmpty())
                .forEach(index -> sql.add("DROP INDEX " + index.name().sql()));
        return sql;
    }

    /** @param from the name of an index that is there */
    private String take(Index index, String from) {
        QualifiedName there = new QualifiedName(index.name().schema(), from);
        return constraintOf(index)
                .map(key -> UniqueRewrite.using(table.name(), key.name(), from, key.definition()))
                .orElseGet(() -> "ALTER INDEX " + there.sql() + " RENAME TO "
                        + Sql.quote(index.name().name()));
    }

    private List<String> trimmings() {
        List<String> sql = new ArrayList<>();
        indexes.forEach(index -> sql.addAll(Trimmings.of(index, scene.before())));
        constraints.forEach(each -> sql.addAll(Trimmings.ofConstraint(table.name(), each.name(), scene.before())));
        names.keysToIt().forEach(key -> sql.addAll(Trimmings.ofConstraint(key.table(), key.name(), scene.before())));
        return sql;
    }

    List<String> forth() {
        List<String> sql = new ArrayList<>();
        keysToIt.forEach(key -> sql.add(Sql.alter(key.table(), "DROP CONSTRAINT " + Sql.quote(key.name()))));
        sql.addAll(names.dropForth());
        conditions().forEach(c -> {
            sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(c.name())));
            sql.add(names.alter(
                    "RENAME CONSTRAINT " + Sql.quote(names.temporary(c.name())) + " TO " + Sql.quote(c.name())));
        });
        sql.addAll(dropUnique());
        valuesForth(sql);
        sql.add(names.alter("RENAME COLUMN " + names.column() + " TO " + names.resting()));
        sql.add(names.alter("RENAME COLUMN " + names.made() + " TO " + names.column()));
        if (hasNamedNotNull()) {
            sql.add(names.alter(
                    "RENAME CONSTRAINT " + Sql.quote(names.temporary("not_null")) + " TO " + Sql.quote(notNull())));
        }
        indexes.forEach(index -> indexForth(index, sql));
        settings(sql);
        if (canGoBack()) {
            sql.add(names.backFunction());
            sql.addAll(names.back());
        }
        keysToIt.forEach(key -> sql.add(keyAgain(key)));
        sql.addAll(trimmings());
        return sql;
    }

    private static String keyAgain(Constraint key) {
        return Sql.alter(
                key.table(),
                "ADD CONSTRAINT " + Sql.quote(key.name()) + " " + key.definition()
                        + (isValid(key) ? " NOT VALID" : ""));
    }

    /** Else it says so itself. */
    private static boolean isValid(Constraint constraint) {
        return constraint.validated() && constraint.enforced();
    }

    /** Those that are made NOT VALID at first. */
    List<Constraint> keysToValidate() {
        return keysToIt.stream().filter(TypeSwap::isValid).toList();
    }

    /** Whether what is written into the new column can be written into the old one, too. */
    boolean canGoBack() {
        return !names.conversion().zone().isEmpty() || scene.after().casts(wanted.type(), old.type());
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

    /**
     * The sequence of an identity cannot change hands: a new one goes on where the old one was, with its comment and for
     * whoever may use it.
     */
    private void identity(String from, String to, Column as, Stage stage, List<String> sql) {
        String sequence = identitySequence(scene.before()).orElseThrow();
        String definition = stage.catalog().definition("sequence " + sequence).orElse("");
        String next = Attic.SCHEMA + "." + Sql.quote(Attic.moved(names.key(), "next"));
        SequenceTrimmings trimmings = new SequenceTrimmings(sequence, next);
        sql.add("CREATE TABLE " + next + " AS SELECT last_value, is_called, " + trimmings.read() + " FROM " + sequence);
        sql.add(names.alter("ALTER COLUMN " + from + " DROP IDENTITY"));
        sql.add(names.alter("ALTER COLUMN " + to + " ADD GENERATED "
                + (as.identity() == Column.Identity.ALWAYS ? "ALWAYS" : "BY DEFAULT") + " AS IDENTITY (SEQUENCE NAME "
                + sequence + IdentityOptions.of(definition) + ")"));
        sql.add("SELECT setval(" + Sql.literal(sequence) + ", last_value, is_called) FROM " + next);
        sql.addAll(trimmings.again());
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
        if (!index.unique()) {
            sql.add("ALTER INDEX " + index.name().sql() + " RENAME TO "
                    + Sql.quote(Attic.resting(names.key(), index.name().name())));
        }
        sql.add(take(index, names.temporary(index.name().name())));
    }

    /** Comment, grants and settings such as the statistics target belong to a column and are not renamed with it. */
    private void settings(List<String> sql) {
        String column = table.name().sql() + "." + names.column();
        String wanted = scene.after().catalog().definition("column " + column).orElse("");
        sql.addAll(ColumnBack.settings(
                names.alter("ALTER COLUMN " + names.column() + " "), new CatalogDiff.Change(wanted, "")));
        sql.addAll(statistics.forth());
        scene.before()
                .catalog()
                .definition("comment on table column " + column)
                .ifPresent(comment -> sql.add("COMMENT ON COLUMN " + column + " IS " + Sql.literal(comment)));
        sql.addAll(Ownership.ofColumn(table.name(), names.column(), names.column(), scene));
    }

    /** Of several columns together the server learns when it reads all of them. */
    Draft analyze() {
        return FreshStatistics.draft(table.name(), statistics.isEmpty() ? names.column() : "");
    }

    Undo back() {
        List<Unit> units = new ArrayList<>();
        uniqueIndexes().forEach(index -> units.add(oldIndex(index)));
        NotNull proof = new NotNull(table.name(), Sql.unquoted(names.resting()));
        if (old.notNull()) {
            units.add(Unit.transaction(proof.add()));
            units.add(Unit.transaction(proof.validate()));
        }
        units.add(Unit.transaction(swapBack(proof).toArray(String[]::new)));
        conditions().stream()
                .filter(TypeSwap::isValid)
                .forEach(c -> units.add(Unit.transaction(names.alter("VALIDATE CONSTRAINT " + Sql.quote(c.name())))));
        keysToValidate()
                .forEach(key -> units.add(
                        Unit.transaction(Sql.alter(key.table(), "VALIDATE CONSTRAINT " + Sql.quote(key.name())))));
        String lost = lost();
        return lost.isEmpty() ? Undo.by(units) : Undo.losing(lost, units);
    }

    private String lost() {
        String column = table.name() + "." + old.name();
        String written = "values that were written into " + column + " after the change";
        List<String> lost = new ArrayList<>();
        if (!canGoBack()) {
            lost.add(written + " are not in the old column, as there is no cast from " + wanted.type() + " to "
                    + old.type());
        } else if (!names.conversion().known()) {
            lost.add(written + " come back as a cast to " + old.type()
                    + " makes them, which may not be the reverse of the author's USING");
        }
        if (canGoBack() && !TypeFit.everyNewValueFitsTheOld(old.type(), wanted.type())) {
            lost.add((lost.isEmpty() ? written + " and that " : "those that ") + old.type()
                    + " cannot hold are not in the old column");
        }
        if (!lost.isEmpty() && old.notNull()) {
            lost.add(lost.removeLast() + ", which is NOT NULL: the rollback stops at them");
        }
        if (!uniqueIndexes().isEmpty()
                && !(names.conversion().known() && TypeFit.staysApart(wanted.type(), old.type()))) {
            lost.add("rows whose old values are equal stop the rollback, as they are unique");
        }
        return String.join("; ", lost);
    }

    private Unit oldIndex(Index index) {
        String resting = Attic.resting(names.key(), index.name().name());
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
        conditions().forEach(c -> sql.add(names.alter("DROP CONSTRAINT " + Sql.quote(c.name()))));
        sql.addAll(dropUnique());
        if (hasNamedNotNull()) {
            sql.add(names.alter(
                    "RENAME CONSTRAINT " + Sql.quote(notNull()) + " TO " + Sql.quote(names.temporary("not_null"))));
        }
        if (old.notNull()) {
            sql.add(proof.set(notNull(), scene.majorVersion()));
            sql.add(proof.drop());
        }
        valuesBack(sql);
        indexes.stream()
                .filter(index -> !index.unique())
                .forEach(index -> sql.add("ALTER INDEX " + index.name().sql() + " RENAME TO "
                        + Sql.quote(names.temporary(index.name().name()))));
        sql.add(names.alter("RENAME COLUMN " + names.column() + " TO " + names.made()));
        if (old.notNull()) {
            sql.add(names.alter("ALTER COLUMN " + names.made() + " DROP NOT NULL")); // nothing fills it any more
        }
        sql.add(names.alter("RENAME COLUMN " + names.resting() + " TO " + names.column()));
        sql.addAll(Ownership.ofColumn(table.name(), names.column(), names.column(), scene));
        sql.addAll(statistics.back());
        indexes.forEach(index ->
                sql.add(take(index, Attic.resting(names.key(), index.name().name()))));
        conditions()
                .forEach(c -> sql.add(names.alter("ADD CONSTRAINT " + Sql.quote(c.name()) + " " + c.definition()
                        + (isValid(c) ? " NOT VALID" : ""))));
        keysToIt.forEach(key -> sql.add(keyAgain(key)));
        sql.addAll(trimmings());
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
}
