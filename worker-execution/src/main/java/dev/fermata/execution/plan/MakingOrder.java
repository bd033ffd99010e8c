package dev.fermata.execution.plan;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What needs what among views and functions: which go when others go, and which are made first. */
final class MakingOrder {
    private final Map<String, Set<String>> needs;

    MakingOrder(Stage stage) {
        this.needs = stage.needs();
    }

    /** The identities in an order in which each finds what it needs, otherwise as they come. */
    List<String> of(Collection<String> identities) {
        Set<String> ordered = new LinkedHashSet<>();
        Set<String> seen = new LinkedHashSet<>();
        Set<String> all = Set.copyOf(identities);
        identities.forEach(identity -> make(identity, all, seen, ordered));
        return List.copyOf(ordered);
    }

    private void make(String identity, Set<String> all, Set<String> seen, Set<String> ordered) {
        if (all.contains(identity) && seen.add(identity)) {
            sorted(identity).forEach(needed -> make(needed, all, seen, ordered));
            ordered.add(identity);
        }
    }

    private Set<String> sorted(String identity) {
        return new TreeSet<>(needsOf(identity));
    }

    /** Directly. */
    Set<String> needsOf(String identity) {
        return needs.getOrDefault(identity, Set.of());
    }

    /** Those of them that cannot be without what is dropped, at any depth; what is dropped is among them. */
    Set<String> lostWith(Collection<String> dropped, Collection<String> identities) {
        Set<String> lost = new TreeSet<>(dropped);
        boolean more = true;
        while (more) {
            more = false;
            for (String identity : identities) {
                boolean loses = needsOf(identity).stream().anyMatch(lost::contains);
                more |= loses && lost.add(identity);
            }
        }
        return lost;
    }
}
