package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keys, unique indexes and EXCLUDE constraints of columns that go to the attic. A column stays in its table, and what it is
 * unique with would still hold the rows of the application to it: so they go, and are made again on the way back.
 */
final class RemovedKeys {
    private final Scene scene;
    private final CatalogDiff diff;
    private final List<String> out = new ArrayList<>();
    private final List<Unit> again = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();

    RemovedKeys(Scene scene) {
        this.scene = scene;
        this.diff = scene.diff();
    }

    List<String> out() {
        return out;
    }

    /** Where the columns are back and NOT NULL. */
    List<Unit> again() {
        return again;
    }

    List<String> lost() {
        return lost;
    }

    /** Nothing where it rests with its index. */
    void constraint(Constraint key) {
        QualifiedName table = key.table();
        Optional<Index> index = scene.before().schema().index(new QualifiedName(table.schema(), key.name()));
        if (index.filter(this::mayRest).isPresent()) {
            return;
        }
        out.add(Sql.alter(table, "DROP CONSTRAINT " + Sql.quote(key.name())));
        again.addAll(
                key.kind() == Constraint.Kind.EXCLUSION || isPartitioned(table)
                        ? List.of(Unit.transaction(
                                Sql.alter(table, "ADD CONSTRAINT " + Sql.quote(key.name()) + " " + key.definition())))
                        : UniqueRewrite.units(scene.before(), table, key.name(), key.definition()));
        index.ifPresent(this::settings);
        if (key.kind() != Constraint.Kind.PRIMARY_KEY) {
            lost(key.name());
        }
    }

    /** One that may not rest; of those of constraints see there. */
    void index(Index index) {
        if (index.constraintName().isPresent()) {
            return;
        }
        out.add("DROP INDEX " + index.name().sql());
        again.add(
                isPartitioned(index.table())
                        ? Unit.transaction(index.definition().replaceFirst(" ON ONLY ", " ON "))
                        : Unit.autocommit(
                                UniqueRewrite.concurrently(index.definition()), UniqueRewrite.isValid(index.name())));
        settings(index);
        lost(index.name().name());
    }

    private void settings(Index index) {
        List<String> sql = Trimmings.settings(index, scene.before());
        if (!sql.isEmpty()) {
            again.add(Unit.transaction(sql.toArray(String[]::new)));
        }
    }

    private void lost(String key) {
        lost.add(Undo.stoppedBy(key));
    }

    /**
     * Whether nothing that the application writes is refused by it when its columns rest: it holds the values that were
     * there, and new rows have none.
     */
    boolean mayRest(Index index) {
        Optional<Index> whole = whole(index);
        if (whole.isPresent()) {
            return mayRest(whole.get());
        }
        if (index.primary()) {
            return false;
        }
        if (!index.unique() && index.constraintName().isEmpty()) {
            return true;
        }
        boolean plain = index.unique()
                && index.keys().size() == 1
                && index.predicate() == null
                && !index.definition().contains(" NULLS NOT DISTINCT");
        return plain
                && scene.relation(index.table())
                        .flatMap(table -> table.column(index.keys().getFirst()))
                        .filter(column -> isGone(index.table(), column) && !fillsItself(scene, column))
                        .isPresent();
    }

    /** The index of a partitioned table that it is a part of, and goes and comes with. */
    Optional<Index> whole(Index index) {
        String of = "; part of ";
        String definition = scene.before()
                .catalog()
                .definition("index " + index.name().sql())
                .orElse("");
        int at = definition.indexOf(of);
        return at < 0
                ? Optional.empty()
                : ObjectName.of("index "
                                + definition.substring(at + of.length()).split("; ", 2)[0])
                        .relation()
                        .flatMap(scene.before().schema()::index);
    }

    private boolean isPartitioned(QualifiedName table) {
        return scene.relation(table)
                .filter(relation -> relation.kind() == Relation.Kind.PARTITIONED_TABLE)
                .isPresent();
    }

    private boolean isGone(QualifiedName table, Column column) {
        return diff.removed().containsKey("column " + table.sql() + "." + Sql.quote(column.name()));
    }

    /** Whether a row that is written without the column has something in it. */
    static boolean fillsItself(Scene scene, Column column) {
        return column.defaultExpression() != null
                || column.identity() != Column.Identity.NO
                || Domain.hasDefault(scene.before(), column.type());
    }
}
