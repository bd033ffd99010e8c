package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.schema.Index;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Views that a piece removes, and the functions that cannot be without them. They have nothing of their own that could be
 * lost, so they are dropped, and made again on the way back in the order in which they need each other.
 */
final class LostViews {
    private static final String[] VIEWS = {"view", "materialized view"};
    private static final String[] MADE_AGAIN = {"view", "materialized view", "function", "procedure"};

    private final Scene scene;
    private final Map<String, String> removed;
    private final MakingOrder order;
    private final Set<String> lost;
    private final List<String> inOrder;
    private final Set<QualifiedName> views = new HashSet<>();

    /** @param drops whether a removed view is dropped, not kept in a schema that rests */
    LostViews(Scene scene, Predicate<ObjectName> drops) {
        this.scene = scene;
        this.removed = scene.diff().removed();
        this.order = new MakingOrder(scene.before());
        List<String> dropped = removed.keySet().stream()
                .filter(identity -> ObjectName.of(identity).is(VIEWS) && drops.test(ObjectName.of(identity)))
                .toList();
        this.lost = order.lostWith(dropped, removed.keySet());
        this.inOrder = order.of(
                lost.stream().filter(each -> ObjectName.of(each).is(MADE_AGAIN)).toList());
        inOrder.stream().map(ObjectName::of).filter(name -> name.is(VIEWS)).forEach(name -> name.relation()
                .ifPresent(views::add));
    }

    /** Whether it is one of them, or goes and comes with one. */
    boolean have(String identity) {
        ObjectName name = ObjectName.of(identity);
        Optional<QualifiedName> table = name.is("index")
                ? name.relation().flatMap(scene.before().schema()::index).map(Index::table)
                : name.relation();
        return lost.contains(identity) || table.filter(views::contains).isPresent();
    }

    boolean areMadeAgain(String identity) {
        return inOrder.contains(identity);
    }

    /** What goes with them and has values in it, or is too much to be made again. */
    List<String> beyondMakingAgain() {
        return lost.stream().filter(each -> !inOrder.contains(each)).toList();
    }

    /** Whether one of them is grouped by a key that goes, too. */
    boolean needKeys() {
        return inOrder.stream()
                .flatMap(identity -> order.needsOf(identity).stream())
                .anyMatch(needed -> needed.startsWith("constraint ") && removed.containsKey(needed));
    }

    /** What needs others goes before them; with all that needs it and is not told here. */
    List<String> drop() {
        return inOrder.reversed().stream()
                .map(ObjectName::of)
                .map(name -> "DROP " + name.kind().toUpperCase(Locale.ROOT) + " IF EXISTS " + name.sql() + " CASCADE")
                .toList();
    }

    /** With owners and grants; a materialized view without its rows. Those that cannot be made are told in the list. */
    List<Ranked> make(List<String> unknown) {
        List<Ranked> made = new ArrayList<>();
        for (String identity : inOrder) {
            ObjectName name = ObjectName.of(identity);
            make(name, definition(identity)).ifPresentOrElse(made::add, () -> unknown.add(identity));
            made.addAll(Ownership.again(name, scene.target()));
        }
        return made;
    }

    private String definition(String identity) {
        return Objects.requireNonNull(removed.get(identity));
    }

    private Optional<Ranked> make(ObjectName name, String definition) {
        return switch (name.kind()) {
            case "view" -> Recreating.view(name, definition, scene);
            case "materialized view" -> Recreating.emptyView(name, definition, scene);
            default -> Optional.of(Recreating.functionOfView(definition));
        };
    }

    /**
     * The rows of materialized views that had some, each in a transaction of its own: what they are made of can be written
     * meanwhile.
     */
    List<Unit> refresh() {
        return inOrder.stream()
                .map(ObjectName::of)
                .filter(name -> name.is("materialized view"))
                .filter(name -> Recreating.isPopulated(definition("materialized view " + name.sql())))
                .map(name -> Unit.transaction("REFRESH MATERIALIZED VIEW " + name.sql()))
                .toList();
    }
}
