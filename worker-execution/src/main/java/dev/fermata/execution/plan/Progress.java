package dev.fermata.execution.plan;

import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.schema.Column;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.targets.SafeMessage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** How far a change is planned: what it has made so far, and under which names the target's tables are known by then. */
final class Progress {
    private static final Set<String> RENAMES = Set.of("RenameStmt", "AlterObjectSchemaStmt");
    private static final Set<String> DEPENDS_ON_ROWS = Set.of("DoStmt", "SelectStmt", "CallStmt", "InsertStmt");

    private final Planner.Target target;
    private final Stages stages;
    private final WorkOrder.Strategy strategy;
    private final String runKey;
    private final Map<QualifiedName, TableStats> tables = new HashMap<>();
    private final Map<QualifiedName, QualifiedName> originals = new HashMap<>();
    private final Set<QualifiedName> created = new HashSet<>();
    private final Set<QualifiedName> keptInStep = new HashSet<>();
    private final Set<QualifiedName> touched = new TreeSet<>();

    Progress(Planner.Target target, Stages stages, WorkOrder.Strategy strategy, String runKey) {
        this.target = target;
        this.stages = stages;
        this.strategy = strategy;
        this.runKey = runKey;
        keptInStep.addAll(target.keptInStep());
        target.tables().forEach(table -> {
            tables.put(table.name(), table);
            originals.put(table.name(), table.name());
        });
    }

    /** What fails without any row fails on the target, too; a statement that looks at rows may not. */
    void refuseWhatFailed(int number, Piece piece) throws PlanRefusedException {
        SafeMessage failure = stages.failure();
        boolean failed = failure != null && number == stages.stages().size() - 1;
        if (failed && !DEPENDS_ON_ROWS.contains(piece.statement().kind())) {
            throw Refusals.of(
                    piece.author(),
                    "sql-error",
                    Objects.requireNonNull(failure).text() + " (tried on an empty copy of the schema)");
        }
    }

    Scene scene(int number, Piece piece, Names names) {
        Stage before = stages.before(number);
        Effects effects = EffectsModel.of(piece.statement(), target.majorVersion(), before.schema());
        Scene scene = new Scene(
                piece,
                before,
                stages.after(number),
                stages.end(),
                stages.knows(number),
                effects,
                tables,
                created,
                keptInStep,
                strategy,
                names,
                target.majorVersion(),
                target.catalog(),
                runKey + "_" + (number + 1));
        touch(scene);
        return scene;
    }

    private void touch(Scene scene) {
        scene.effects().relations().forEach(effect -> {
            QualifiedName table = scene.before()
                    .schema()
                    .index(effect.relation())
                    .map(Index::table)
                    .orElse(effect.relation());
            QualifiedName original = originals.get(table);
            if (original != null) {
                touched.add(original);
            }
        });
    }

    /** Tables of the target that the change has to do with so far, by their names on the target. */
    Set<QualifiedName> touched() {
        return touched;
    }

    /** What else of the target it changes or removes: functions, types, views, sequences and so on; by identity. */
    SortedSet<String> touchedObjects() {
        SortedMap<String, String> there = target.catalog().definitions();
        SortedMap<String, String> ofTables =
                target.catalog().restrictedTo(touched).definitions();
        SortedSet<String> objects = new TreeSet<>();
        List<Stage> all = stages.stages();
        for (int i = 0; i + 1 < all.size(); i++) {
            CatalogDiff diff =
                    CatalogDiff.between(all.get(i).catalog(), all.get(i + 1).catalog());
            objects.addAll(diff.removed().keySet());
            objects.addAll(diff.changed().keySet());
        }
        objects.removeIf(identity -> !there.containsKey(identity)
                || ofTables.containsKey(identity)
                || ObjectName.of(identity).is("owner of", "grant on"));
        return objects;
    }

    /** The piece is planned; the next one finds what it has left. */
    void past(int number, Piece piece) {
        CatalogDiff diff = CatalogDiff.between(
                stages.before(number).catalog(), stages.after(number).catalog());
        diff.changed().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("column")
                        && !typeOf(name, stages.before(number)).equals(typeOf(name, stages.after(number))))
                .forEach(name -> name.relation().ifPresent(keptInStep::add));
        List<QualifiedName> gone = tablesOf(diff.removed().keySet());
        List<QualifiedName> come = tablesOf(diff.added().keySet());
        if (RENAMES.contains(piece.statement().kind())) {
            gone.forEach(old -> come.stream()
                    .filter(name -> name.name().equals(old.name()) || come.size() == 1)
                    .findFirst()
                    .ifPresent(name -> rename(old, name)));
        } else {
            created.addAll(come);
            gone.forEach(created::remove);
        }
    }

    private static Optional<String> typeOf(ObjectName column, Stage stage) {
        return column.relation()
                .flatMap(stage.schema()::relation)
                .flatMap(relation -> relation.column(column.name()))
                .map(Column::type);
    }

    private void rename(QualifiedName old, QualifiedName name) {
        TableStats stats = tables.remove(old);
        if (stats != null) {
            tables.put(name, stats);
        }
        QualifiedName original = originals.remove(old);
        if (original != null) {
            originals.put(name, original);
        }
        if (created.remove(old)) {
            created.add(name);
        }
        if (keptInStep.remove(old)) {
            keptInStep.add(name);
        }
    }

    private static List<QualifiedName> tablesOf(Set<String> identities) {
        return identities.stream()
                .map(ObjectName::of)
                .filter(name -> name.is("table", "materialized view"))
                .flatMap(name -> name.relation().stream())
                .toList();
    }
}
