package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.Coverage;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.Rename;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The drafts of a change in the order in which they will run. What waits until nobody uses an old name any more stands behind
 * all that has nothing to do with it; from there on everything waits.
 */
final class Sequence {
    private final List<Drafted> drafted = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean contracting;

    /** @param tables by all their names */
    private record Waiting(Drafted drafted, Rename rename, Set<QualifiedName> tables) {}

    /** Before the scene is planned: where it has to do with what waits, it has to wait, too. */
    void next(Scene scene) {
        if (!waiting.stream().allMatch(each -> letsGoAhead(each, scene))) {
            contract();
        }
    }

    /** Whether what follows waits, whatever it is. */
    boolean isContracting() {
        return contracting;
    }

    void add(Draft draft, Scene scene, Statement author) {
        Drafted next = new Drafted(SentColumns.told(scene, FiredTriggers.told(scene, draft)), author);
        if (draft.waits() && !contracting) {
            waiting.add(new Waiting(next, Rename.of(scene.statement()).orElseThrow(), tables(scene)));
        } else {
            drafted.add(next);
        }
    }

    private void contract() {
        contracting = true;
        waiting.forEach(each -> drafted.add(each.drafted()));
        waiting.clear();
    }

    /** Everything, in order. */
    List<Drafted> all() {
        if (!waiting.isEmpty()) {
            contract();
        }
        return List.copyOf(drafted);
    }

    private static Set<QualifiedName> tables(Scene scene) {
        Set<QualifiedName> tables = new HashSet<>();
        scene.diff().added().keySet().forEach(identity -> ObjectName.of(identity)
                .relation()
                .ifPresent(tables::add));
        scene.effects().relations().forEach(effect -> {
            tables.add(effect.relation());
            Rename.of(scene.statement())
                    .filter(rename -> rename.oldName().isEmpty())
                    .ifPresent(rename ->
                            tables.add(new QualifiedName(effect.relation().schema(), rename.newName())));
        });
        return tables;
    }

    private static boolean letsGoAhead(Waiting before, Scene scene) {
        if (scene.effects().coverage() != Coverage.KNOWN) {
            return false;
        }
        if (tables(scene).stream().noneMatch(before.tables()::contains)) {
            return true;
        }
        Optional<Rename> column =
                Rename.of(scene.statement()).filter(rename -> rename.object().equals("COLUMN"));
        return column.isPresent()
                && !(before.rename().object().equals("COLUMN") && clash(before.rename(), column.get()));
    }

    private static boolean clash(Rename one, Rename other) {
        return one.newName().equals(other.oldName()) || one.oldName().equals(other.newName());
    }
}
