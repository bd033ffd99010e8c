package dev.fermata.execution.fault;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** How many faults of each kind there were, and how many runs of plans they befell. Thread-safe. */
final class Tally {
    private final Map<Fault, Integer> faults = new ConcurrentSkipListMap<>();
    private final AtomicInteger runs = new AtomicInteger();

    void struck(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    void ran() {
        runs.incrementAndGet();
    }

    int all() {
        return faults.values().stream().mapToInt(Integer::intValue).sum();
    }

    void add(Tally other) {
        other.faults.forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
        runs.addAndGet(other.runs.get());
    }

    @Override
    public String toString() {
        return all() + " faults in " + runs + " runs of plans: "
                + faults.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "));
    }
}
