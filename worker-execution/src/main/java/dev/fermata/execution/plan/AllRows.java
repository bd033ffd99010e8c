package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Constraint;
import dev.fermata.postgres.schema.Dependant;
import dev.fermata.postgres.schema.Relation;
import dev.fermata.postgres.schema.Routine;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.postgres.tree.Expressions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Why an UPDATE or DELETE needs all its rows at once: in ranges, the later ones would see what the earlier ones have done, and
 * constraints that hold at its end would be held against each part of it.
 */
final class AllRows {
    private final Scene scene;
    private final SchemaModel schema;
    private final QualifiedName table;
    private final List<String> changed;

    /**
     * A reason.
     *
     * @param text for people, behind "as"
     * @param alsoBack whether the way back needs all rows at once, too
     */
    record Reason(String text, boolean alsoBack) {}

    /** @param changed columns of an UPDATE, unquoted; none for a DELETE */
    AllRows(Scene scene, QualifiedName table, List<String> changed) {
        this.scene = scene;
        this.schema = scene.before().schema();
        this.table = table;
        this.changed = changed;
    }

    Optional<Reason> reason() {
        Optional<Reason> constraint = changed.isEmpty() ? keyToItself() : deferrable();
        return constraint.or(() -> looksAtItself()
                ? Optional.of(new Reason("it looks at the table that it changes", false))
                : Optional.empty());
    }

    /** A row may go only with those that refer to it. */
    private Optional<Reason> keyToItself() {
        return schema.foreignKeysTo(table).stream()
                .filter(key -> key.table().equals(table))
                .findFirst()
                .map(key -> new Reason("rows may refer to each other by " + Sql.quote(key.name()), true));
    }

    /**
     * Uniqueness that is held against the statement as a whole. One that is not deferrable is held against each row in
     * whichever order the server changes them, so ranges are one order of many.
     */
    private Optional<Reason> deferrable() {
        return scene.relation(table).stream()
                .flatMap(relation -> relation.constraints().stream())
                .filter(constraint -> constraint.deferrable()
                        && (constraint.kind() == Constraint.Kind.UNIQUE
                                || constraint.kind() == Constraint.Kind.EXCLUSION)
                        && constraint.columns().stream().anyMatch(changed::contains))
                .findFirst()
                .map(constraint ->
                        new Reason("its rows may take values of each other in " + Sql.quote(constraint.name()), true));
    }

    private boolean looksAtItself() {
        Set<QualifiedName> itself = itself();
        AtomicBoolean looks = new AtomicBoolean();
        Expressions.each(scene.statement().node(), (kind, inner) -> {
            if (kind.equals("RangeVar")) { // its own name is none: it is no inner node
                looks.compareAndSet(false, itself.contains(Sql.relation(inner, scene)));
            }
            if (kind.equals("FuncCall")) {
                Sql.strings(inner.path("funcname")).forEach(name -> looks.compareAndSet(false, looksAt(itself, name)));
            }
        });
        return looks.get();
    }

    private boolean looksAt(Set<QualifiedName> relations, String function) {
        return schema.routines().stream()
                .filter(routine -> routine.name().name().equals(function))
                .map(Routine::body)
                .anyMatch(body -> relations.stream().anyMatch(relation -> body.contains(relation.name())));
    }

    /** The table, those above and below it, and the views that show rows of them, at any depth. */
    private Set<QualifiedName> itself() {
        Set<QualifiedName> itself = new HashSet<>();
        Deque<QualifiedName> open = new ArrayDeque<>(List.of(table));
        schema.withDescendants(table).forEach(relation -> open.add(relation.name()));
        while (!open.isEmpty()) {
            QualifiedName next = open.pop();
            if (itself.add(next)) {
                schema.relation(next).ifPresent(relation -> open.addAll(relation.parents()));
                viewsOf(next).forEach(open::push);
            }
        }
        return itself;
    }

    private List<QualifiedName> viewsOf(QualifiedName relation) {
        Set<String> names = schema.dependants(relation).stream()
                .filter(dependant -> dependant.kind().equals("view"))
                .map(Dependant::name)
                .collect(Collectors.toSet());
        return schema.relations().stream()
                .map(Relation::name)
                .filter(name -> names.contains(name.sql()))
                .toList();
    }
}
