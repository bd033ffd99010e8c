package dev.fermata.cli.client;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times and durations for people. */
final class Times {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Times() {}

    /** {@code 22:00:00.123}; as it came where it is no time. */
    static String clock(String instant, ZoneId zone) {
        return format(instant, CLOCK, zone);
    }

    /** {@code 2026-12-01 22:00:00}, here. */
    static String local(String instant) {
        return format(instant, DAY, ZoneId.systemDefault());
    }

    private static String format(String instant, DateTimeFormatter format, ZoneId zone) {
        try {
            return format.format(Instant.parse(instant).atZone(zone));
        } catch (DateTimeException e) {
            return instant;
        }
    }

    /** {@code 5m}, {@code 3h}: how long ago it was, by one unit. */
    static String age(String instant, Instant now) {
        try {
            Duration age = Duration.between(Instant.parse(instant), now);
            if (age.toSeconds() < 60) {
                return Math.max(0, age.toSeconds()) + "s";
            } else if (age.toMinutes() < 60) {
                return age.toMinutes() + "m";
            }
            return age.toHours() < 48 ? age.toHours() + "h" : age.toDays() + "d";
        } catch (DateTimeException e) {
            return instant;
        }
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

    /** The same for a duration in JSON; as it came where it is none. */
    static String took(String iso) {
        try {
            return took(Duration.parse(iso));
        } catch (DateTimeException e) {
            return iso;
        }
    }
}
