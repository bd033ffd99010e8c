package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.StepFacts.HeldLock;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.LockMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How many times as much a step has to do on the target as on the clone. */
final class Scale {
    private static final int KIB = 1024;

    private final CloneProvider.Extent extent;
    private final Map<String, TableStats> target;
    private final Map<String, TableStats> clone;

    Scale(CloneProvider.Extent extent, Collection<TableStats> target, Collection<TableStats> clone) {
        this.extent = extent;
        this.target = byName(target);
        this.clone = byName(clone);
    }

    private static Map<String, TableStats> byName(Collection<TableStats> tables) {
        Map<String, TableStats> map = new TreeMap<>();
        tables.forEach(table -> map.put(table.name().toString(), table));
        return map;
    }

    /** @param factor null where it is not known */
    record Factor(@Nullable Double factor, String basis) {}

    /** Of a step that held these locks: the largest table it did more to than to read counts. */
    Factor of(List<HeldLock> locks) {
        return switch (extent) {
            case ALL -> new Factor(1.0, "the clone has all rows");
            case NONE -> new Factor(null, "the clone has no rows, so its times say nothing of the target's");
            case SOME -> sampled(locks);
        };
    }

    private Factor sampled(List<HeldLock> locks) {
        Optional<String> largest = locks.stream()
                .filter(lock -> !lock.mode().equals(LockMode.ACCESS_SHARE.sql()))
                .map(HeldLock::relation)
                .filter(target::containsKey)
                .max(Comparator.comparingLong(name -> bytes(target, name)));
        if (largest.isEmpty()) {
            return new Factor(1.0, "it works on no table that has rows");
        }
        long there = bytes(target, largest.get());
        long here = bytes(clone, largest.get());
        if (here == 0) {
            return new Factor(there == 0 ? 1.0 : null, largest.get() + " is empty on the clone");
        }
        return new Factor(
                Math.max(1.0, (double) there / here),
                largest.get() + " takes " + size(there) + " on the target and " + size(here) + " on the clone");
    }

    private static long bytes(Map<String, TableStats> tables, String name) {
        TableStats stats = tables.get(name);
        return stats == null ? 0 : stats.heapBytes();
    }

    private static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double number = bytes;
        int unit = 0;
        while (number >= KIB && unit < units.length - 1) {
            number /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", number, units[unit]);
    }
}
