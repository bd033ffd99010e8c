package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Index;
import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A piece that drops things, without dropping what has values in it or what such things may need: it goes to the attic and
 * can come back as it was. What the server would drop along with it is dropped by name, and made again on the way back.
 */
final class Removal {
    private static final Set<String> RESTING =
            Set.of("table", "column", "sequence", "function", "procedure", "aggregate", "type", "domain", "schema");

    private final Scene scene;
    private final CatalogDiff diff;
    private final RemovedKeys keys;
    private final RemovedColumns columns;
    private final Set<QualifiedName> tables = new LinkedHashSet<>();
    private final Set<String> schemas = new LinkedHashSet<>();
    private final Set<QualifiedName> inSchemas = new LinkedHashSet<>();
    private final List<String> out = new ArrayList<>();
    /** In the order of {@code out}, each group to be run backwards. */
    private final List<List<String>> back = new ArrayList<>();

    private final List<Unit> later = new ArrayList<>();
    private final List<Unit> foreignKeys = new ArrayList<>();
    /** Of constraints and indexes. */
    private final List<String> comments = new ArrayList<>();

    private final List<Ranked> again = new ArrayList<>();
    private final List<String> lost = new ArrayList<>();
    private final List<String> unknown = new ArrayList<>();

    private Removal(Scene scene) {
        this.scene = scene;
        this.diff = scene.diff();
        this.keys = new RemovedKeys(scene);
        this.columns = new RemovedColumns(scene);
    }

    /** Empty where the piece drops nothing that could rest, or does more than dropping. */
    static Optional<Draft> of(Scene scene) {
        if (!scene.online()) {
            return Optional.empty();
        }
        Removal removal = new Removal(scene);
        return removal.isOne() ? removal.draft() : Optional.empty();
    }

    private boolean isOne() {
        boolean onlyDrops = diff.added().isEmpty()
                && diff.changed().entrySet().stream()
                        .allMatch(entry -> followsFromDrop(entry.getKey(), entry.getValue()));
        return onlyDrops && diff.removed().keySet().stream().anyMatch(this::rests);
    }

    private boolean rests(String identity) {
        ObjectName name = ObjectName.of(identity);
        return name.is("column")
                ? name.relation()
                        .flatMap(scene::relation)
                        .filter(r -> r.holdsRows())
                        .isPresent()
                : RESTING.contains(name.kind());
    }

    /** The list of columns in the definition of a table is no change of its own. */
    private static boolean followsFromDrop(String identity, CatalogDiff.Change change) {
        String columns = "columns \\([^;]*\\)";
        return identity.startsWith("table ")
                && change.before()
                        .replaceFirst(columns, "")
                        .equals(change.after().replaceFirst(columns, ""));
    }

    private Optional<Draft> draft() {
        for (String identity : diff.removed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            if (name.is("schema")) {
                schemas.add(name.name());
            }
        }
        for (String identity : diff.removed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            if (schemas.contains(name.schema()) && name.is("table", "foreign table")) {
                name.relation().ifPresent(inSchemas::add);
            } else if (name.is("table")) {
                name.relation().ifPresent(tables::add);
            }
        }
        AtticNames names = AtticNames.of(
                scene.key(),
                diff.removed().keySet().stream()
                        .filter(identity ->
                                !schemas.contains(ObjectName.of(identity).schema()))
                        .toList());
        LostViews views = new LostViews(scene, view -> !goesWithOther(view));
        dependants(views);
        out.addAll(keys.out()); // what refers to them is gone by now
        columns();
        tables(names);
        rest(names, views);
        schemas.forEach(this::schema);
        if (!unknown.isEmpty()) {
            return Optional.empty();
        }
        if (columns.obstacle().isPresent()) {
            return Optional.of(
                    AsWritten.draft(scene, Undo.impossible(columns.obstacle().get()))
                            .in(Phase.CONTRACT));
        }
        Draft draft = Draft.transaction(
                Phase.CONTRACT,
                "into the attic instead of dropped, so that it can come back with all that was in it",
                undo(views),
                out);
        for (RedFlag flag : columns.flags()) {
            draft = draft.flagged(flag);
        }
        return Optional.of(draft);
    }

    private Undo undo(LostViews views) {
        List<String> first = new ArrayList<>();
        Collections.reverse(back);
        back.forEach(first::addAll);
        List<String> made = again.stream()
                .sorted(Comparator.comparingInt(Ranked::rank))
                .flatMap(ranked -> ranked.sql().stream())
                .toList();
        boolean afterKeys = views.needKeys() && !keys.again().isEmpty();
        if (!afterKeys) {
            first.addAll(made);
        }
        List<Unit> units = new ArrayList<>();
        units.add(Unit.transaction(first.toArray(String[]::new)));
        units.addAll(later);
        units.addAll(keys.again()); // their columns are NOT NULL by now
        if (afterKeys) {
            units.add(Unit.transaction(made.toArray(String[]::new)));
        }
        units.addAll(foreignKeys); // what they refer to is a key by now
        if (!comments.isEmpty()) {
            units.add(Unit.transaction(comments.toArray(String[]::new)));
        }
        units.addAll(views.refresh()); // when all else is back: it takes as long as it takes
        lost.addAll(keys.lost());
        return lost.isEmpty() ? Undo.by(units) : Undo.losing(String.join("; ", lost), units);
    }

    private boolean goesWithOther(ObjectName name) {
        boolean inSchema = !name.is("schema") && schemas.contains(name.schema());
        return inSchema || name.relation().filter(tables::contains).isPresent();
    }

    /** Views, keys of others, triggers and so on that are left without what they need. */
    private void dependants(LostViews views) {
        unknown.addAll(views.beyondMakingAgain());
        out.addAll(views.drop());
        again.addAll(views.make(unknown));
        diff.removed().forEach((identity, definition) -> {
            ObjectName name = ObjectName.of(identity);
            boolean rests = goesWithOther(name) && !views.have(identity);
            if (rests || views.areMadeAgain(identity) || RESTING.contains(name.kind())) {
                return;
            }
            switch (name.kind()) {
                case "constraint" -> constraint(name, definition);
                case "index" -> index(name, definition);
                case "statistics" -> statistics(name, definition);
                case "policy", "trigger", "rule" -> {
                    out.add("DROP " + name.kind().toUpperCase(Locale.ROOT) + " IF EXISTS " + Sql.quote(name.name())
                            + " ON " + name.table());
                    make(identity, name, definition);
                }
                case "publication" -> publication(name, identity, definition);
                case "comment on" -> comment(name, definition);
                case "owner of", "grant on" -> {} // comes back with the object, or see Ownership
                default -> unknown.add(identity);
            }
        });
    }

    private void comment(ObjectName name, String definition) {
        String sql = Dropping.comment(name) + " IS " + Sql.literal(definition);
        if (name.sql().startsWith("table constraint ") || name.sql().startsWith("index ")) {
            comments.add(sql);
        } else {
            again.add(Ranked.of(390, sql));
        }
    }

    private void make(String identity, ObjectName name, String definition) {
        boolean onView = name.is("trigger", "rule")
                && name.relation().flatMap(scene.after().schema()::relation).isEmpty();
        Optional<Ranked> make = Recreating.of(name, definition, scene);
        if (make.isEmpty()) {
            unknown.add(identity);
            return;
        }
        if (onView) {
            out.removeLast(); // goes with its view
        }
        again.add(make.get());
    }

    private void constraint(ObjectName name, String definition) {
        Optional<Constraint> constraint =
                name.relation().flatMap(scene::relation).flatMap(relation -> relation.constraint(name.name()));
        if (constraint.isEmpty()) {
            if (!isOfRemovedDomain(name)) { // which takes it along
                unknown.add("constraint " + name.sql());
            }
            return;
        }
        if (constraint.get().inherited()) {
            return; // goes and comes with that of the parent
        }
        String quoted = Sql.quote(name.name());
        QualifiedName table = constraint.get().table();
        switch (constraint.get().kind()) {
            case NOT_NULL -> {} // rests with its column
            case UNIQUE, EXCLUSION, PRIMARY_KEY -> keys.constraint(constraint.get());
            case CHECK, FOREIGN_KEY -> {
                out.add(Sql.alter(table, "DROP CONSTRAINT IF EXISTS " + quoted));
                boolean valid = constraint.get().validated() && constraint.get().enforced();
                boolean foreign = constraint.get().kind() == Constraint.Kind.FOREIGN_KEY;
                List<Unit> units = foreign ? foreignKeys : later;
                units.add(Unit.transaction(
                        Sql.alter(table, "ADD CONSTRAINT " + quoted + " " + definition + (valid ? " NOT VALID" : ""))));
                if (valid) {
                    units.add(Unit.transaction(Sql.alter(table, "VALIDATE CONSTRAINT " + quoted)));
                    lost.add(foreign ? Undo.stoppedByReferences(name.name()) : Undo.stoppedBy(name.name()));
                }
            }
        }
    }

    private boolean isOfRemovedDomain(ObjectName constraint) {
        List<String> parts = constraint.parts();
        return parts.size() == 3
                && diff.removed().containsKey("domain " + new QualifiedName(parts.get(0), parts.get(1)).sql());
    }

    private void index(ObjectName name, String definition) {
        Optional<Index> index = scene.before().schema().index(new QualifiedName(name.schema(), name.name()));
        if (index.map(Index::table).filter(tables::contains).isPresent()) {
            return; // goes with its table
        }
        boolean ofView = index.map(Index::table)
                .flatMap(scene::relation)
                .filter(relation -> relation.kind() == Relation.Kind.MATERIALIZED_VIEW)
                .isPresent();
        if (ofView) {
            Recreating.of(name, definition, scene).ifPresent(again::add);
        } else if (index.isEmpty() || keys.mayRest(index.get())) {
            rest("INDEX", name);
        } else if (keys.whole(index.get()).isEmpty()) {
            keys.index(index.get());
        }
    }

    private void statistics(ObjectName name, String definition) {
        boolean ofTable = tables.stream().anyMatch(table -> ExtendedStatistics.areOf(definition, table));
        if (!ofTable) {
            rest("STATISTICS", name);
        }
    }

    private void publication(ObjectName name, String identity, String definition) {
        boolean ofTable = tables.stream().anyMatch(table -> name.sql().endsWith(" of " + table.sql()));
        if (!ofTable) {
            out.addAll(Dropping.publication(name).sql());
            Recreating.publication(name, definition).ifPresentOrElse(again::add, () -> unknown.add(identity));
        }
    }

    /** Gives it a name in its own schema that is out of sight. */
    private void rest(String kind, ObjectName name) {
        String resting = Attic.resting(scene.key(), name.name());
        out.add("ALTER " + kind + " " + name.sql() + " RENAME TO " + Sql.quote(resting));
        back.add(List.of("ALTER " + kind + " " + new QualifiedName(name.schema(), resting).sql() + " RENAME TO "
                + Sql.quote(name.name())));
    }

    private void columns() {
        for (String identity : diff.removed().keySet()) {
            ObjectName name = ObjectName.of(identity);
            if (name.is("column") && !goesWithOther(name) && rests(identity)) {
                columns.rest(name);
                Ownership.ofColumn(name, scene).forEach(grant -> again.add(Ranked.of(396, grant)));
            }
        }
        out.addAll(columns.out());
        back.addAll(columns.back());
        later.addAll(columns.later());
        lost.addAll(columns.lost());
    }

    private void tables(AtticNames names) {
        Set<QualifiedName> all = new LinkedHashSet<>(tables);
        all.addAll(inSchemas);
        TableRemoval removal = new TableRemoval(scene, scene.before(), names, all);
        inSchemas.forEach(removal::leave);
        tables.forEach(removal::move);
        out.addAll(removal.out());
        back.add(removal.back());
        removal.validate().forEach(sql -> later.add(Unit.transaction(sql)));
        lost.addAll(removal.lost());
    }

    /** Sequences, functions and types. */
    private void rest(AtticNames names, LostViews views) {
        diff.removed().forEach((identity, definition) -> {
            ObjectName name = ObjectName.of(identity);
            if (goesWithOther(name) || views.areMadeAgain(identity)) {
                return;
            }
            switch (name.kind()) {
                case "sequence" -> sequence(name, definition, names.moved(name));
                case "function", "procedure", "aggregate" -> routine(name, names.moved(name));
                case "type", "domain" -> move(name.kind().toUpperCase(Locale.ROOT), name, "", names.moved(name));
                default -> {} // told above
            }
        });
    }

    private void sequence(ObjectName name, String definition, String moved) {
        boolean ofTable = tables.stream()
                .anyMatch(table -> definition.contains(" owned by " + table.sql() + ".")
                        || definition.contains(" identity of " + table.sql() + "."));
        if (ofTable) {
            return;
        }
        if (definition.contains(" owned by ") || definition.contains(" identity of ")) {
            rest("SEQUENCE", name);
        } else {
            move("SEQUENCE", name, "", moved);
        }
    }

    private void routine(ObjectName name, String moved) {
        String arguments = name.arguments();
        move(
                name.kind().toUpperCase(Locale.ROOT),
                name,
                name.is("aggregate") && arguments.equals("()") ? "(*)" : arguments,
                moved);
    }

    private void move(String kind, ObjectName name, String arguments, String moved) {
        QualifiedName inside = new QualifiedName(name.schema(), moved);
        QualifiedName resting = new QualifiedName(Attic.SCHEMA, moved);
        QualifiedName own = new QualifiedName(name.schema(), name.name());
        out.add("ALTER " + kind + " " + own.sql() + arguments + " RENAME TO " + Sql.quote(moved));
        out.add("ALTER " + kind + " " + inside.sql() + arguments + " SET SCHEMA " + Attic.SCHEMA);
        back.add(List.of(
                "ALTER " + kind + " " + resting.sql() + arguments + " SET SCHEMA " + Sql.quote(name.schema()),
                "ALTER " + kind + " " + inside.sql() + arguments + " RENAME TO " + Sql.quote(name.name())));
    }

    private void schema(String schema) {
        String resting = Attic.resting(scene.key(), schema);
        out.add("ALTER SCHEMA " + Sql.quote(schema) + " RENAME TO " + Sql.quote(resting));
        back.add(List.of(
                "ALTER SCHEMA " + Sql.quote(resting) + " RENAME TO " + Sql.quote(Objects.requireNonNull(schema))));
    }
}
