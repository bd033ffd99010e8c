package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What gives a table its old settings and its old place in a tree of partitions again. */
final class TableBack {
    private final String table;
    private final List<String> sql = new ArrayList<>();
    private boolean possible = true;

    private TableBack(String table) {
        this.table = table;
    }

    /** Empty where there is no statement for it. */
    static Optional<List<String>> of(ObjectName name, CatalogDiff.Change change, Scene scene) {
        TableBack back = new TableBack(name.sql());
        Set<String> was = parts(change.before());
        Set<String> is = parts(change.after());
        Set<String> gone = new LinkedHashSet<>(was);
        gone.removeAll(is);
        Set<String> come = new LinkedHashSet<>(is);
        come.removeAll(was);
        Optional<Relation> relation = name.relation().flatMap(scene::relation);
        come.forEach(part -> back.takeAway(part, gone));
        if (come.stream().anyMatch(part -> part.startsWith("partition of "))) {
            back.withoutKeysOfTheParent(name, relation, scene);
        }
        gone.forEach(part -> back.putBack(part, relation, come));
        return back.possible ? Optional.of(back.sql) : Optional.empty();
    }

    private static Set<String> parts(String definition) {
        return new LinkedHashSet<>(Arrays.asList(definition.split("; ")));
    }

    private void alter(String what) {
        sql.add("ALTER TABLE " + table + " " + what);
    }

    private void takeAway(String part, Set<String> gone) {
        if (part.startsWith("partition of ")) {
            sql.add("ALTER TABLE " + part.substring("partition of ".length()) + " DETACH PARTITION " + table);
        } else if (part.startsWith("inherits ") && gone.stream().noneMatch(p -> p.startsWith("inherits "))) {
            for (String parent : part.substring("inherits ".length()).split(", ")) {
                alter("NO INHERIT " + parent);
            }
        } else if (part.startsWith("options (") && gone.stream().noneMatch(p -> p.startsWith("options ("))) {
            alter("RESET (" + Changing.names(Changing.part(part, "options")) + ")");
        } else if (part.startsWith("toast options (")
                && gone.stream().noneMatch(p -> p.startsWith("toast options ("))) {
            alter("RESET (" + toast(Changing.names(Changing.part(part, "toast options"))) + ")");
        } else {
            takeAwayFlag(part, gone);
        }
    }

    /** A foreign key that a partition has got from its parent stays when it is detached. */
    private void withoutKeysOfTheParent(ObjectName name, Optional<Relation> before, Scene scene) {
        name.relation().flatMap(scene.after().schema()::relation).stream()
                .flatMap(partition -> partition.constraints().stream())
                .filter(key -> key.kind() == Constraint.Kind.FOREIGN_KEY && key.inherited())
                .map(Constraint::name)
                .filter(key -> before.flatMap(table -> table.constraint(key)).isEmpty())
                .forEach(key -> alter("DROP CONSTRAINT " + Sql.quote(key)));
    }

    private void takeAwayFlag(String part, Set<String> gone) {
        switch (part) {
            case "row level security" -> alter("DISABLE ROW LEVEL SECURITY");
            case "row level security for the owner too" -> alter("NO FORCE ROW LEVEL SECURITY");
            case "replica identity full", "replica identity nothing" -> {
                if (gone.stream().noneMatch(p -> p.startsWith("replica identity"))) {
                    alter("REPLICA IDENTITY DEFAULT");
                }
            }
            default -> {
                boolean told = part.startsWith("columns (")
                        || part.startsWith("FOR VALUES")
                        || part.equals("DEFAULT")
                        || part.startsWith("options (")
                        || part.startsWith("toast options (")
                        || part.startsWith("inherits ")
                        || part.equals("permanent")
                        || part.equals("unlogged");
                possible &= told;
            }
        }
    }

    private void putBack(String part, Optional<Relation> relation, Set<String> come) {
        switch (part) {
            case "permanent" -> alter("SET LOGGED");
            case "unlogged" -> alter("SET UNLOGGED");
            case "row level security" -> alter("ENABLE ROW LEVEL SECURITY");
            case "row level security for the owner too" -> alter("FORCE ROW LEVEL SECURITY");
            case "replica identity full" -> alter("REPLICA IDENTITY FULL");
            case "replica identity nothing" -> alter("REPLICA IDENTITY NOTHING");
            default -> putBackMore(part, relation, come);
        }
    }

    private void putBackMore(String part, Optional<Relation> relation, Set<String> come) {
        if (part.startsWith("partition of ")) {
            String bound = relation.map(Relation::partitionBound).orElse(null);
            possible &= bound != null;
            relation.ifPresent(partition ->
                    partition.parents().forEach(parent -> sql.add(SameColumns.ofPartition(parent, partition.name()))));
            sql.add("ALTER TABLE " + part.substring("partition of ".length()) + " ATTACH PARTITION " + table + " "
                    + bound);
        } else if (part.startsWith("inherits ") && come.stream().noneMatch(p -> p.startsWith("inherits "))) {
            relation.ifPresent(heir -> heir.parents().forEach(parent -> {
                sql.add(SameColumns.ofHeir(parent, heir.name()));
                alter("INHERIT " + parent.sql());
            }));
        } else if (part.startsWith("options (")) {
            resetNew(part, come, "options", "");
            alter("SET (" + Changing.part(part, "options") + ")");
        } else if (part.startsWith("toast options (")) {
            resetNew(part, come, "toast options", "toast.");
            alter("SET (" + toast(Changing.part(part, "toast options")) + ")");
        } else {
            boolean told = part.startsWith("columns (") || part.startsWith("FOR VALUES") || part.equals("DEFAULT");
            possible &= told;
        }
    }

    private void resetNew(String part, Set<String> come, String what, String prefix) {
        Set<String> old = options(Changing.part(part, what));
        come.stream().filter(p -> p.startsWith(what + " (")).findFirst().ifPresent(now -> {
            Set<String> added = options(Changing.part(now, what));
            added.removeAll(old);
            added.forEach(option -> alter("RESET (" + prefix + option + ")"));
        });
    }

    private static Set<String> options(String list) {
        return new LinkedHashSet<>(Arrays.asList(Changing.names(list).split(", ")));
    }

    private static String toast(String options) {
        return "toast." + options.replace(", ", ", toast.");
    }
}
