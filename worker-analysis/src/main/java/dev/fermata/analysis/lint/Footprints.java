package dev.fermata.analysis.lint;

import dev.fermata.analysis.rule.Creations;
import dev.fermata.analysis.rule.Departures;
import dev.fermata.analysis.rule.Neighbours;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.RelationLock;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.CreateTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What files make, use and lock: enough to know what they have to do with each other. Thread-safe. */
final class Footprints {
    /**
     * @param creates relations that it makes, whether they are there or not
     * @param surely those of them that must not be there before
     * @param uses relations that it needs and has not made before
     * @param locks those of them that it locks against writes
     * @param frees names that were there before and are not any more, or are another relation's
     */
    private record Footprint(
            Set<QualifiedName> creates,
            Set<QualifiedName> surely,
            Set<QualifiedName> uses,
            Set<QualifiedName> locks,
            Set<QualifiedName> frees) {}

    private final Map<String, Footprint> files = new ConcurrentHashMap<>();

    void add(String path, List<Statement> statements) {
        Footprint footprint =
                new Footprint(new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>(), new HashSet<>());
        for (Statement statement : statements) {
            Departures.of(statement).stream()
                    .filter(name -> !footprint.creates.contains(name))
                    .forEach(footprint.frees::add);
            Creations.of(statement).ifPresent(made -> {
                footprint.creates.add(made.in("public"));
                if (CreateTable.of(statement).map(table -> !table.ifNotExists()).orElse(true)) {
                    footprint.surely.add(made.in("public"));
                }
            });
            for (RelationLock lock : LockModel.profile(statement).locks()) {
                QualifiedName relation = lock.relation().in("public");
                if (!lock.relation().name().isEmpty() && !footprint.creates.contains(relation)) {
                    footprint.uses.add(relation);
                    if (lock.mode().blocksWrites()) {
                        footprint.locks.add(relation);
                    }
                }
            }
        }
        files.put(path, footprint);
    }

    /**
     * Of the files that others matter to, those of the same folder.
     *
     * @param order in which files run
     */
    Map<String, Neighbours> neighbours(List<String> order) {
        Map<String, List<String>> folders = new HashMap<>();
        for (String path : order) {
            if (files.containsKey(path)) {
                folders.computeIfAbsent(String.valueOf(Path.of(path).getParent()), none -> new ArrayList<>())
                        .add(path);
            }
        }
        Map<String, Neighbours> neighbours = new HashMap<>();
        folders.values().forEach(folder -> add(folder, neighbours));
        return neighbours;
    }

    private void add(List<String> folder, Map<String, Neighbours> neighbours) {
        Map<QualifiedName, List<String>> lockedBy = new HashMap<>();
        Map<QualifiedName, String> firstMaker = new HashMap<>();
        for (String path : folder) {
            Footprint file = footprint(path);
            file.locks.forEach(table ->
                    lockedBy.computeIfAbsent(table, none -> new ArrayList<>()).add(path));
            file.creates.forEach(relation -> firstMaker.putIfAbsent(relation, path));
        }
        Set<QualifiedName> known = thereBefore(folder);
        for (String path : folder) {
            Footprint file = footprint(path);
            Map<QualifiedName, String> madeLater = new HashMap<>();
            for (QualifiedName used : file.uses) {
                String maker = firstMaker.get(used);
                if (maker != null
                        && !maker.equals(path)
                        && !known.contains(used)
                        && footprint(maker).surely.contains(used)) {
                    madeLater.put(used, maker);
                }
            }
            known.addAll(file.creates);
            Map<QualifiedName, List<String>> together = new HashMap<>();
            file.locks.forEach(table -> together.put(table, lockedBy.getOrDefault(table, List.of())));
            together.values().removeIf(paths -> paths.size() < 2);
            if (!madeLater.isEmpty() || !together.isEmpty()) {
                neighbours.put(path, new Neighbours(madeLater, together, path));
            }
        }
    }

    /** Names that a file frees and no earlier one made: they were there when the folder's first file ran. */
    private Set<QualifiedName> thereBefore(List<String> folder) {
        Set<QualifiedName> there = new HashSet<>();
        Set<QualifiedName> made = new HashSet<>();
        for (String path : folder) {
            footprint(path).frees.stream().filter(name -> !made.contains(name)).forEach(there::add);
            made.addAll(footprint(path).creates);
        }
        return there;
    }

    private Footprint footprint(String path) {
        return Objects.requireNonNull(files.get(path));
    }
}
