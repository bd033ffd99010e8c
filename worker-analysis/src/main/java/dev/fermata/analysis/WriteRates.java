package dev.fermata.analysis;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes a second, from the counters of the statistics at two moments. Between two orders of the same target that is
 * what the application does these days; a target that is seen for the first time has the average since its counters
 * began, if that is long enough to mean anything. Thread-safe.
 */
final class WriteRates {
    /** Sessions report their counts about once a second; less says nothing. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    private static final Duration LONGEST = Duration.ofHours(1);

    private record Reading(Instant at, Map<QualifiedName, Long> writes) {}

    private final Map<String, Reading> last = new ConcurrentHashMap<>();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();

    /**
     * @param at when the counters were read
     * @param countingSince when they began
     * @return only tables for which it is known
     */
    Map<QualifiedName, Double> of(String target, Collection<TableStats> stats, Instant at, Instant countingSince) {
        Map<QualifiedName, Long> writes = new HashMap<>();
        stats.forEach(table -> writes.put(table.name(), table.inserted() + table.updated() + table.deleted()));
        Reading now = new Reading(at, Map.copyOf(writes));
        Reading before = last.put(target, now);
        if (changed.remove(target)) {
            return Map.of();
        }
        if (before != null && Duration.between(before.at, at).compareTo(SHORTEST) < 0) {
            // The older one stays, so that a quick series of orders has something to compare with as well.
            last.put(target, before);
            return Map.of();
        }
        if (before != null && Duration.between(before.at, at).compareTo(LONGEST) <= 0) {
            return rates(before, now);
        }
        return Duration.between(countingSince, at).compareTo(LONGEST) < 0
                ? Map.of()
                : rates(new Reading(countingSince, Map.of()), now);
    }

    /**
     * Fermata itself has written there: neither what happened since the last reading nor the average tells what the
     * application does; the next reading but one does.
     */
    void forget(String target) {
        changed.add(target);
    }

    private static Map<QualifiedName, Double> rates(Reading before, Reading now) {
        double seconds = Duration.between(before.at, now.at).toMillis() / 1000.0;
        Map<QualifiedName, Double> rates = new HashMap<>();
        now.writes.forEach((table, count) -> {
            long more = count - before.writes.getOrDefault(table, 0L);
            // Fewer than before: the counters were reset in between.
            if (more >= 0) {
                rates.put(table, more / seconds);
            }
        });
        return rates;
    }
}
