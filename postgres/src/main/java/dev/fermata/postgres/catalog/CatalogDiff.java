package dev.fermata.postgres.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What differs between two snapshots, by identity. A rename shows as one thing removed and another added.
 *
 * @param added only in the later snapshot, with its definition
 * @param removed only in the earlier snapshot, with its definition
 * @param changed in both, with another definition
 */
public record CatalogDiff(
        SortedMap<String, String> added, SortedMap<String, String> removed, SortedMap<String, Change> changed) {
    private static final int DEFAULT_MAX_LINES = 50;
    private static final int MAX_DEFINITION = 300;

    /** Both definitions of one thing. */
    public record Change(String before, String after) {}

    public CatalogDiff {
        added = Collections.unmodifiableSortedMap(new TreeMap<>(added));
        removed = Collections.unmodifiableSortedMap(new TreeMap<>(removed));
        changed = Collections.unmodifiableSortedMap(new TreeMap<>(changed));
    }

    public static CatalogDiff between(CatalogSnapshot before, CatalogSnapshot after) {
        SortedMap<String, String> earlier = before.definitions();
        SortedMap<String, String> later = after.definitions();
        SortedMap<String, String> added = new TreeMap<>(later);
        added.keySet().removeAll(earlier.keySet());
        SortedMap<String, String> removed = new TreeMap<>(earlier);
        removed.keySet().removeAll(later.keySet());
        SortedMap<String, Change> changed = new TreeMap<>();
        earlier.forEach((identity, definition) -> {
            String now = later.getOrDefault(identity, definition);
            if (!now.equals(definition)) {
                changed.put(identity, new Change(definition, now));
            }
        });
        return new CatalogDiff(added, removed, changed);
    }

    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }

    public int size() {
        return added.size() + removed.size() + changed.size();
    }

    /** At most fifty lines, see {@link #describe(int)}. */
    public List<String> describe() {
        return describe(DEFAULT_MAX_LINES);
    }

    /**
     * One line for each difference, and one more that counts the rest when there are more than {@code maxLines}. Long
     * definitions are cut.
     *
     * <pre>
     * + column public.orders.note: text
     * - index public.orders_status_idx: CREATE INDEX orders_status_idx ON public.orders USING btree (status)
     * ~ column public.orders.status: text -&gt; text not null
     * </pre>
     */
    public List<String> describe(int maxLines) {
        List<String> lines = new ArrayList<>();
        removed.forEach((identity, definition) -> lines.add("- " + identity + ": " + cut(definition)));
        added.forEach((identity, definition) -> lines.add("+ " + identity + ": " + cut(definition)));
        for (Map.Entry<String, Change> entry : changed.entrySet()) {
            Change change = entry.getValue();
            lines.add("~ " + entry.getKey() + ": " + cut(change.before()) + " -> " + cut(change.after()));
        }
        if (lines.size() <= maxLines) {
            return List.copyOf(lines);
        }
        List<String> capped = new ArrayList<>(lines.subList(0, maxLines));
        capped.add("and " + (lines.size() - maxLines) + " more");
        return List.copyOf(capped);
    }

    private static String cut(String definition) {
        String line = definition.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
        if (line.length() <= MAX_DEFINITION) {
            return line;
        }
        int end = Character.isHighSurrogate(line.charAt(MAX_DEFINITION - 1)) ? MAX_DEFINITION - 1 : MAX_DEFINITION;
        return line.substring(0, end) + "...";
    }
}
