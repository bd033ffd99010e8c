package dev.fermata.contracts.order;

import dev.fermata.contracts.Gen;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Any order that a document can hold, with texts that are hard on documents. */
final class WorkOrderGen {
    private static final Gen<String> TEXT = Gen.nastyText().filter(text -> !text.isBlank());
    private static final Gen<String> NAME =
            Gen.oneOf("a", "0", "-", "null", "no", "add-order-status", "2026-01", "x".repeat(63));
    private static final Gen<String> TARGET = Gen.oneOf("shop", "0", "true", "shop-eu", "1-2");
    private static final Gen<String> LABEL = Gen.oneOf("team", "no", "9", "a.b/c_d", "null", "on");
    private static final Gen<Duration> DURATION = Gen.anyOf(
            Gen.between(1, 10_000).map(Duration::ofMillis),
            Gen.between(1, 100_000).map(Duration::ofSeconds),
            Gen.between(1, Integer.MAX_VALUE - 1).map(Duration::ofNanos),
            Gen.oneOf(Duration.ofDays(3), Duration.ofMinutes(90)));
    private static final Gen<Instant> INSTANT =
            Gen.between(1, 2_000_000_000).map(seconds -> Instant.ofEpochSecond(seconds, seconds % 1000));

    private WorkOrderGen() {}

    static Gen<WorkOrder> any() {
        return random -> new WorkOrder(
                NAME.next(random),
                TEXT.next(random),
                TEXT.orNull().next(random),
                TEXT.next(random),
                TARGET.list(1, 4).next(random).stream().distinct().toList(),
                Gen.oneOf(WorkOrder.Strategy.values()).next(random),
                Gen.oneOf(WorkOrder.Renames.values()).next(random),
                sql(random),
                random.nextBoolean() ? sql(random) : null,
                new WorkOrder.Rehearsal(Gen.oneOf(WorkOrder.Clone.values()).next(random)),
                new WorkOrder.Backup(Gen.oneOf(WorkOrder.BackupMode.values()).next(random)),
                new WorkOrder.Approval(TEXT.next(random)),
                window(random),
                new WorkOrder.Lock(DURATION.next(random), Gen.between(1, 1000).next(random)),
                probes(random),
                random.nextInt(5) == 0 ? Duration.ZERO : DURATION.next(random),
                labels(random),
                random.nextInt(4) == 0 ? "" : Gen.nastyText().next(random));
    }

    /** A text of one line that ends in .sql is a file where it is a value; in front of such SQL stands a statement. */
    private static String sql(Random random) {
        return Gen.anyOf(
                        TEXT,
                        TEXT.map(text -> "ALTER TABLE orders ADD COLUMN status text;\n" + text),
                        Gen.oneOf("V1.sql", "x\r.sql"))
                .next(random);
    }

    private static WorkOrder.@Nullable Window window(Random random) {
        Instant from = INSTANT.next(random);
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> new WorkOrder.Window(from, null, null, null, null);
            case 2 -> new WorkOrder.Window(null, from, null, null, null);
            default -> new WorkOrder.Window(from, from.plusSeconds(random.nextInt(1, 1000)), null, null, null);
        };
    }

    private static List<WorkOrder.Probe> probes(Random random) {
        Map<String, WorkOrder.Probe> probes = new LinkedHashMap<>();
        for (String name : TEXT.list(0, 3).next(random)) {
            Long maxMillis = random.nextBoolean() ? null : (long) random.nextInt(1, 10_000);
            String text = TEXT.next(random);
            probes.put(
                    name,
                    switch (random.nextInt(3)) {
                        case 0 -> new WorkOrder.Probe(name, text, null, null, maxMillis);
                        case 1 -> new WorkOrder.Probe(name, null, "https://shop.example.org/h?a=b#c", null, maxMillis);
                        default -> new WorkOrder.Probe(name, null, null, text, maxMillis);
                    });
        }
        return List.copyOf(probes.values());
    }

    private static Map<String, String> labels(Random random) {
        Map<String, String> labels = new LinkedHashMap<>();
        LABEL.list(0, 3)
                .next(random)
                .forEach(key -> labels.put(key, Gen.nastyText().next(random)));
        return labels;
    }
}
