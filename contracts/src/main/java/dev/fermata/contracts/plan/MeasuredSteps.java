package dev.fermata.contracts.plan;

import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the steps took on the clone, as a table for people: a row for each step, forward and back. */
public final class MeasuredSteps {
    /** One for each cell of a row. */
    public static final List<String> HEADINGS = List.of(
            "STEP",
            "TOOK",
            "ON THE TARGET",
            "STRONGEST LOCK",
            "HELD",
            "READER WAITED",
            "WRITER WAITED",
            "REWRITTEN",
            "ROWS",
            "WAL",
            "TEMP",
            "DISK");

    private static final int KIB = 1024;
    private static final String UNKNOWN = "?";
    private static final String NONE = "-";

    private MeasuredSteps() {}

    /** Forward first; as many cells in each row as there are headings. */
    public static List<List<String>> rows(RehearsalReport report) {
        List<List<String>> rows = new ArrayList<>();
        report.forward().forEach(timing -> rows.add(row("", timing)));
        report.back().forEach(timing -> rows.add(row("back ", timing)));
        return rows;
    }

    /** Why a time on the target is not known, or where its factor comes from; each once. */
    public static List<String> scales(RehearsalReport report) {
        List<StepTiming> all = new ArrayList<>(report.forward());
        all.addAll(report.back());
        return all.stream()
                .map(StepTiming::facts)
                .flatMap(facts -> facts == null ? List.<StepFacts>of().stream() : List.of(facts).stream())
                .map(facts -> facts.scale() == null || facts.scale() == 1.0
                        ? facts.scaleBasis()
                        : String.format(Locale.ROOT, "times %.1f: %s", facts.scale(), facts.scaleBasis()))
                .distinct()
                .toList();
    }

    private static List<String> row(String direction, StepTiming timing) {
        StepFacts facts = timing.facts();
        String step = direction + timing.step();
        String took = took(timing.elapsed());
        String rows = timing.rows() < 0 ? NONE : String.format(Locale.ROOT, "%,d", timing.rows());
        if (facts == null) {
            return List.of(
                    step, took, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, rows, UNKNOWN, UNKNOWN, UNKNOWN);
        }
        return List.of(
                step,
                took,
                onTarget(timing.elapsed(), facts.scale()),
                strongest(facts),
                facts.locks().isEmpty() ? NONE : "<= " + took(facts.strongestHeld()),
                waited(facts.readerStall()),
                waited(facts.writerStall()),
                facts.rewritten().isEmpty() ? NONE : String.join(", ", facts.rewritten()),
                rows,
                size(facts.walBytes()),
                facts.tempBytes() == 0 ? NONE : size(facts.tempBytes()),
                size(facts.diskBytes()));
    }

    private static String onTarget(Duration elapsed, @Nullable Double scale) {
        return scale == null ? UNKNOWN : "~" + took(Duration.ofMillis(Math.round(elapsed.toMillis() * scale)));
    }

    private static String strongest(StepFacts facts) {
        if (facts.locks().isEmpty()) {
            return NONE;
        }
        String mode = facts.locks().getFirst().mode();
        List<String> relations = facts.locks().stream()
                .filter(lock -> lock.mode().equals(mode))
                .map(StepFacts.HeldLock::relation)
                .toList();
        return mode + " on " + relations.getFirst()
                + (relations.size() == 1 ? "" : " and " + (relations.size() - 1) + " more");
    }

    private static String waited(@Nullable Duration stall) {
        return stall == null ? NONE : took(stall);
    }

    /** {@code 120 ms}, {@code 1.5 s}, {@code 2 min 5 s}. */
    static String took(Duration duration) {
        if (duration.toMillis() < 1000) {
            return duration.toMillis() + " ms";
        } else if (duration.toSeconds() < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }

    private static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double number = bytes;
        int unit = 0;
        while (Math.abs(number) >= KIB && unit < units.length - 1) {
            number /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", number, units[unit]);
    }
}
