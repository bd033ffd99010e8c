package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What takes a piece back that ran as it is written: found from what it did to the schema, so that every statement that
 * only changes definitions has an inverse, names chosen by the server included. What it removed with the values in it, or
 * what the server has no statement for, has none.
 */
final class Reversal {
    private static final List<String> WITH_VALUES = List.of("table", "foreign table", "sequence");

    /** A default, for one, that calls a function which is made again; before indexes. */
    private static final int AFTER_ROUTINES = 361;

    private final Scene scene;
    private final CatalogDiff diff;
    private final Set<QualifiedName> newRelations = new HashSet<>();
    private final List<Ranked> entries = new ArrayList<>();

    private Reversal(Scene scene) {
        this.scene = scene;
        this.diff = scene.diff();
        diff.added().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("table", "foreign table", "view", "materialized view", "sequence"))
                .forEach(name -> name.relation().ifPresent(newRelations::add));
    }

    static Undo of(Scene scene) {
        if (!scene.known()) {
            return Undo.impossible("what it does is not known, as a statement before it failed on an empty copy");
        }
        return new Reversal(scene).undo();
    }

    private Undo undo() {
        Optional<String> gone = valuesGone();
        if (gone.isPresent()) {
            return Undo.impossible(gone.get());
        }
        List<String> unknown = new ArrayList<>();
        diff.added().forEach((identity, definition) -> add(identity, dropping(identity, definition), unknown));
        LostViews views = new LostViews(scene, view -> true);
        views.beyondMakingAgain().stream()
                .filter(identity -> !ObjectName.of(identity).is("index")) // is made after views and functions
                .forEach(unknown::add);
        entries.addAll(views.make(unknown));
        MakingOrder order = new MakingOrder(scene.before());
        diff.removed().keySet().stream()
                .filter(identity -> !views.areMadeAgain(identity))
                .map(ObjectName::of)
                .filter(Ownership::isGivenBackTo)
                .forEach(name -> entries.addAll(Ownership.again(name, scene.target())));
        Set<String> afterwards = order.lostWith(routines(), diff.changed().keySet());
        diff.changed().forEach((identity, change) -> {
            Optional<Ranked> sql = changing(identity, change);
            boolean early = !afterwards.contains(identity);
            add(identity, early ? sql : sql.map(each -> new Ranked(AFTER_ROUTINES, each.sql())), unknown);
            if (sql.filter(Reversal::makesAnew).isPresent()) {
                entries.addAll(Ownership.again(ObjectName.of(identity), scene.target()));
            }
        });
        for (String identity : order.of(diff.removed().keySet())) {
            if (!views.areMadeAgain(identity)) {
                add(
                        identity,
                        recreating(
                                identity, Objects.requireNonNull(diff.removed().get(identity))),
                        unknown);
            }
        }
        if (!unknown.isEmpty()) {
            return Undo.impossible("no statement takes back what it does to " + String.join(", ", unknown));
        }
        List<String> sql = entries.stream()
                .sorted(Comparator.comparingInt(Ranked::rank))
                .flatMap(entry -> entry.sql().stream())
                .toList();
        List<Unit> units = new ArrayList<>(tablesToTheAttic());
        if (!sql.isEmpty()) {
            units.add(Unit.transaction(sql.toArray(String[]::new)));
        }
        units.addAll(views.refresh());
        String lost = String.join("; ", rowsThatLeaveATree());
        return lost.isEmpty() ? Undo.by(units) : Undo.losing(lost, units);
    }

    /** What a partition or heir of a table that stays has got through that, or for it, is not seen there any more. */
    private SortedSet<String> rowsThatLeaveATree() {
        SortedSet<String> lost = new TreeSet<>();
        for (Relation table : scene.after().schema().relations()) {
            boolean isNew = newRelations.contains(table.name());
            Set<QualifiedName> parents = new LinkedHashSet<>(table.parents());
            scene.relation(table.name()).ifPresent(before -> parents.removeAll(before.parents()));
            parents.removeIf(parent -> newRelations.contains(parent) || scene.isNew(parent));
            if (!parents.isEmpty() && (isNew || scene.relation(table.name()).isPresent())) {
                String tables = parents.stream().map(QualifiedName::toString).collect(Collectors.joining(", "));
                lost.add("rows that were written into " + (table.isPartition() ? "partition " : "") + table.name()
                        + " after the change are not in " + tables + " any more; they stay in "
                        + (isNew ? TableRemoval.resting(AtticNames.ofNew(scene), table.name()) : table.name()));
            }
        }
        return lost;
    }

    private List<String> routines() {
        return diff.removed().keySet().stream()
                .filter(identity -> ObjectName.of(identity).is("function", "procedure", "aggregate"))
                .toList();
    }

    private void add(String identity, Optional<Ranked> entry, List<String> unknown) {
        entry.ifPresentOrElse(entries::add, () -> unknown.add(identity));
    }

    private Optional<String> valuesGone() {
        Set<QualifiedName> views = new HashSet<>();
        for (String identity : diff.removed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            if (name.is("view", "materialized view")) {
                name.relation().ifPresent(views::add);
            }
        }
        for (String identity : diff.removed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            boolean column = name.is("column")
                    && name.relation().filter(r -> !views.contains(r)).isPresent();
            if (WITH_VALUES.contains(name.kind()) || column) {
                return Optional.of("the values of " + identity + " would be gone");
            }
        }
        return Optional.empty();
    }

    private List<Unit> tablesToTheAttic() {
        List<Unit> units = new ArrayList<>();
        Map<QualifiedName, String> tables = new LinkedHashMap<>();
        diff.added().keySet().stream()
                .map(ObjectName::of)
                .filter(name -> name.is("table"))
                .forEach(name -> name.relation().ifPresent(relation -> tables.put(relation, name.sql())));
        if (!tables.isEmpty()) {
            units.add(
                    Unit.transaction(TableRemoval.ofNew(scene, tables.keySet()).toArray(String[]::new)));
        }
        return units;
    }

    private Optional<Ranked> dropping(String identity, String definition) {
        ObjectName name = ObjectName.of(identity);
        if (isPartOfNew(name, definition)) {
            return Optional.of(Ranked.NOTHING);
        }
        return Dropping.of(name, definition, scene);
    }

    private boolean isPartOfNew(ObjectName name, String definition) {
        if (name.is("table")) {
            return true; // has its own unit
        }
        if (name.is("view", "materialized view", "foreign table")) {
            return false;
        }
        if (name.is("sequence")) {
            return isOwnedByNew(definition);
        }
        if (name.relation().filter(newRelations::contains).isPresent() || isOfNewDomain(name)) {
            return true;
        }
        if (name.is("index")) {
            return newRelations.stream()
                            .anyMatch(table -> definition.contains(" ON " + table.sql() + " ")
                                    || definition.contains(" ON ONLY " + table.sql() + " "))
                    || belongsToNewConstraint(name);
        }
        if (name.is("comment on") && isOnPartOfNew(name.sql().replaceFirst("^statistics object ", "statistics "))) {
            return true;
        }
        if (name.is("statistics", "publication", "comment on", "owner of", "grant on")) {
            return newRelations.stream()
                    .anyMatch(
                            table -> mentions(name.sql(), table.sql()) || ExtendedStatistics.areOf(definition, table));
        }
        return false;
    }

    /** An index, a sequence, statistics: what goes along with its table takes its comment with it. */
    private boolean isOnPartOfNew(String identity) {
        String definition = diff.added().get(identity);
        return definition != null && isPartOfNew(ObjectName.of(identity), definition);
    }

    private boolean isOfNewDomain(ObjectName name) {
        return name.is("constraint")
                && name.parts().size() == 3
                && diff.added()
                        .containsKey("domain "
                                + new QualifiedName(
                                                name.parts().get(0),
                                                name.parts().get(1))
                                        .sql());
    }

    private boolean isOwnedByNew(String definition) {
        return definition.contains(" identity of ")
                || newRelations.stream().anyMatch(table -> definition.contains(" owned by " + table.sql() + "."))
                || diff.added().keySet().stream()
                        .map(ObjectName::of)
                        .filter(name -> name.is("column"))
                        .anyMatch(column -> definition.endsWith(" owned by " + column.sql()));
    }

    private boolean belongsToNewConstraint(ObjectName index) {
        return diff.added().keySet().stream()
                .map(ObjectName::of)
                .anyMatch(name -> name.is("constraint")
                        && name.parts().size() == 3
                        && name.schema().equals(index.schema())
                        && name.name().equals(index.name()));
    }

    private static boolean mentions(String text, String name) {
        return text.equals(name)
                || text.endsWith(" " + name)
                || text.contains(" " + name + ".")
                || text.startsWith(name + ".");
    }

    private Optional<Ranked> changing(String identity, CatalogDiff.Change change) {
        ObjectName name = ObjectName.of(identity);
        return Changing.of(name, change, scene).map(sql -> new Ranked(Changing.RANK, sql));
    }

    /** Views and functions that cannot be replaced. */
    private static boolean makesAnew(Ranked change) {
        return change.sql().stream()
                .anyMatch(sql -> sql.matches("(?s)DROP (MATERIALIZED VIEW|VIEW|FUNCTION|PROCEDURE) .*"));
    }

    private Optional<Ranked> recreating(String identity, String definition) {
        ObjectName name = ObjectName.of(identity);
        if (name.is("index") && belongsToOldConstraint(name)) {
            return Optional.of(Ranked.NOTHING);
        }
        return Recreating.of(name, definition, scene);
    }

    private boolean belongsToOldConstraint(ObjectName index) {
        return diff.removed().keySet().stream()
                .map(ObjectName::of)
                .anyMatch(name -> name.is("constraint")
                        && name.parts().size() == 3
                        && name.schema().equals(index.schema())
                        && name.name().equals(index.name()));
    }
}
