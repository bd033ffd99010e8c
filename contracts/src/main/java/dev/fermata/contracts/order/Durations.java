package dev.fermata.contracts.order;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 500ms}, {@code 1s}, {@code 2m}, {@code 1h30m}. Units, from the largest: d (24
 * hours), h, m, s, ms, us, ns; each at most once and in that order. The ISO form ({@code PT1.5S}) is read too.
 */
public final class Durations {
    private static final Pattern FORM =
            Pattern.compile("(?:(?<d>\\d{1,9})d)?(?:(?<h>\\d{1,9})h)?(?:(?<m>\\d{1,9})m)?(?:(?<s>\\d{1,12})s)?"
                    + "(?:(?<ms>\\d{1,12})ms)?(?:(?<us>\\d{1,12})us)?(?:(?<ns>\\d{1,12})ns)?");
    private static final Map<String, ChronoUnit> UNITS = units();

    private Durations() {}

    /**
     * Reads a duration that is not negative.
     *
     * @throws IllegalArgumentException saying what was expected, fit to be shown to the person who wrote it
     */
    public static Duration parse(String text) {
        if (text.startsWith("PT") || text.matches("P\\d+D.*")) {
            return iso(text);
        }
        Matcher match = FORM.matcher(text);
        if (text.isEmpty() || !match.matches()) {
            String hint = text.matches("\\d+") ? "; a unit is missing, such as " + text + "s" : "";
            throw new IllegalArgumentException(
                    "'" + text + "' (expected: a duration such as 500ms, 30s, 2m or 1h30m)" + hint);
        }
        Duration sum = Duration.ZERO;
        for (Map.Entry<String, ChronoUnit> unit : UNITS.entrySet()) {
            String amount = match.group(unit.getKey());
            if (amount != null) {
                sum = sum.plus(Long.parseLong(amount), unit.getValue());
            }
        }
        return sum;
    }

    /** The shortest form that {@link #parse} reads back as the same duration, {@code 0s} for none. */
    public static String format(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration: " + duration + " (expected: not negative)");
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toDays(), "d");
        append(text, duration.toHoursPart(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        append(text, duration.toNanosPart() / 1_000 % 1_000, "us");
        append(text, duration.toNanosPart() % 1_000, "ns");
        return text.isEmpty() ? "0s" : text.toString();
    }

    private static Duration iso(String text) {
        try {
            Duration duration = Duration.parse(text);
            if (duration.isNegative()) {
                throw new IllegalArgumentException("'" + text + "' (expected: a duration that is not negative)");
            }
            return duration;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("'" + text + "' (expected: a duration such as 30s or PT30S)", e);
        }
    }

    private static void append(StringBuilder text, long amount, String unit) {
        if (amount != 0) {
            text.append(amount).append(unit);
        }
    }

    private static Map<String, ChronoUnit> units() {
        Map<String, ChronoUnit> units = new LinkedHashMap<>();
        units.put("d", ChronoUnit.DAYS);
        units.put("h", ChronoUnit.HOURS);
        units.put("m", ChronoUnit.MINUTES);
        units.put("s", ChronoUnit.SECONDS);
        units.put("ms", ChronoUnit.MILLIS);
        units.put("us", ChronoUnit.MICROS);
        units.put("ns", ChronoUnit.NANOS);
        return units;
    }
}
