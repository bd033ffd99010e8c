package dev.fermata.postgres.catalog;

import dev.fermata.postgres.catalog.Recipe.Phase;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Puts statements in an order in which each finds what it needs: dependencies first, otherwise by recipe, otherwise by
 * name. Pure; the same input gives the same order.
 *
 * <p>A statement that needs one of the later phase moves to the later phase. Statements in a circle of dependencies,
 * and those that need them, come out in {@link Ordered#stuck}.
 */
final class ScriptOrder {
    private static final Comparator<Item> NEXT = Comparator.comparing((Item item) -> item.phase)
            .thenComparing(item -> item.step.recipe())
            .thenComparing(item -> item.step.name())
            .thenComparingInt(item -> item.position);

    /**
     * One statement.
     *
     * @param address what it makes, such as {@code pg_class 16384}, or empty for nothing that others can need
     * @param needs addresses
     */
    record Step(Recipe recipe, String address, String name, String statement, Set<String> needs) {
        Step {
            needs = Set.copyOf(needs);
        }
    }

    record Ordered(List<Step> beforeData, List<Step> afterData, List<Step> stuck) {}

    private final List<Item> items = new ArrayList<>();

    private ScriptOrder(List<Step> steps) {
        Map<String, Item> byAddress = new HashMap<>();
        for (Step step : steps) {
            Item item = new Item(step, items.size());
            items.add(item);
            if (!step.address().isEmpty()) {
                byAddress.put(step.address(), item);
            }
        }
        for (Item item : items) {
            Set<Item> needed = new HashSet<>();
            for (String address : item.step.needs()) {
                Item other = byAddress.get(address);
                if (other != null && other != item && needed.add(other)) {
                    other.neededBy.add(item);
                    item.waitingFor++;
                }
            }
        }
    }

    static Ordered of(List<Step> steps) {
        ScriptOrder order = new ScriptOrder(steps);
        order.pushPhases();
        return order.sort();
    }

    private void pushPhases() {
        Deque<Item> later = new ArrayDeque<>();
        items.stream().filter(item -> item.phase == Phase.AFTER_DATA).forEach(later::add);
        while (!later.isEmpty()) {
            for (Item item : later.pop().neededBy) {
                if (item.phase == Phase.BEFORE_DATA) {
                    item.phase = Phase.AFTER_DATA;
                    later.push(item);
                }
            }
        }
    }

    private Ordered sort() {
        PriorityQueue<Item> ready = new PriorityQueue<>(NEXT);
        items.stream().filter(item -> item.waitingFor == 0).forEach(ready::add);
        List<Step> before = new ArrayList<>();
        List<Step> after = new ArrayList<>();
        while (!ready.isEmpty()) {
            Item item = ready.remove();
            item.done = true;
            (item.phase == Phase.BEFORE_DATA ? before : after).add(item.step);
            for (Item next : item.neededBy) {
                if (--next.waitingFor == 0) {
                    ready.add(next);
                }
            }
        }
        List<Step> stuck =
                items.stream().filter(item -> !item.done).map(item -> item.step).toList();
        return new Ordered(List.copyOf(before), List.copyOf(after), stuck);
    }

    /** A step and where it is on its way. */
    private static final class Item {
        final Step step;
        final int position;
        final List<Item> neededBy = new ArrayList<>();
        Phase phase;
        int waitingFor;
        boolean done;

        Item(Step step, int position) {
            this.step = step;
            this.position = position;
            this.phase = step.recipe().phase();
        }
    }
}
