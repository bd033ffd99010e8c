package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Columns that go: they get a name that is out of sight, and keep nobody from writing rows without them. */
final class RemovedColumns {
    private final Scene scene;
    private final List<String> out = new ArrayList<>();
    private final List<List<String>> back = new ArrayList<>();
    private final List<Unit> later = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();
    private final List<RedFlag> flags = new ArrayList<>();
    private @Nullable String obstacle;

    RemovedColumns(Scene scene) {
        this.scene = scene;
    }

    List<String> out() {
        return out;
    }

    /** In the order of {@link #out}, each group to be run backwards. */
    List<List<String>> back() {
        return back;
    }

    /** When the columns are back: what reads their table. */
    List<Unit> later() {
        return later;
    }

    /** What the way back loses, or is stopped by, for people. */
    List<String> lost() {
        return lost;
    }

    List<RedFlag> flags() {
        return flags;
    }

    /** Why one of them cannot rest. */
    Optional<String> obstacle() {
        return Optional.ofNullable(obstacle);
    }

    void rest(ObjectName name) {
        if (!goesWithParent(name)) {
            name.relation()
                    .flatMap(scene::relation)
                    .flatMap(relation -> relation.column(name.name()))
                    .ifPresent(column -> rest(name, column));
        }
    }

    /** A partition or heir has its column renamed with that of the parent. */
    private boolean goesWithParent(ObjectName column) {
        return column.relation().flatMap(scene::relation).stream()
                .flatMap(relation -> relation.parents().stream())
                .anyMatch(parent ->
                        scene.diff().removed().containsKey("column " + parent.sql() + "." + Sql.quote(column.name())));
    }

    private void rest(ObjectName name, Column column) {
        QualifiedName table =
                new QualifiedName(name.parts().get(0), name.parts().get(1));
        String resting = Attic.resting(scene.key(), name.name());
        List<String> undo = new ArrayList<>();
        if (Domain.refusesNull(scene.before(), column.type()) && !RemovedKeys.fillsItself(scene, column)) {
            obstacle = "column " + table + "." + column.name() + " is of domain " + column.type()
                    + ", which refuses NULL, so it cannot stay in rows that are written without it";
        }
        if (column.notNull() && !RemovedKeys.fillsItself(scene, column)) {
            out.add(Sql.alter(table, "ALTER COLUMN " + Sql.quote(name.name()) + " DROP NOT NULL"));
            lost.add("rows that were written after the change have no value in " + table + "." + column.name()
                    + ", which is NOT NULL: the rollback stops at them until they have one");
            NotNull proof = new NotNull(table, column.name());
            undo.addAll(renamed(table, resting, name.name()));
            undo.add(proof.add());
            later.add(Unit.transaction(proof.validate()));
            String set = scene.relation(table)
                    .map(relation -> proof.set(NotNull.name(relation, column.name()), scene.majorVersion()))
                    .orElseGet(proof::set);
            later.add(Unit.transaction(set, proof.drop()));
        } else {
            undo.addAll(renamed(table, resting, name.name()));
        }
        out.addAll(renamed(table, name.name(), resting));
        back.add(undo);
        scene.relation(table).ifPresent(relation -> restsAmid(relation, name.name(), resting));
    }

    /** Whoever names columns does not meet it. */
    private void restsAmid(Relation table, String column, String resting) {
        boolean partitioned = table.kind() == Relation.Kind.PARTITIONED_TABLE;
        if (partitioned || !table.columns().getLast().name().equals(column)) {
            flags.add(new RedFlag(
                    "column-rests-in-place",
                    RiskLevel.LOW,
                    "until it is purged, " + resting + " stands in " + table.name() + " where " + column
                            + " stood: an INSERT or COPY without a list of columns still fills it"
                            + (partitioned ? ", and a table without it cannot be attached as a partition" : "")));
        }
    }

    private List<String> renamed(QualifiedName table, String from, String to) {
        String rename = Sql.alter(table, "RENAME COLUMN " + Sql.quote(from) + " TO " + Sql.quote(to));
        return KeptInStep.following(List.of(rename), scene, table, from, to);
    }
}
