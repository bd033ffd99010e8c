package dev.fermata.conductor.http;

import dev.fermata.conductor.intake.RefusedException;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stands behind the question mark. */
final class Parameters {
    private Parameters() {}

    static @Nullable String text(RoutingContext context, String name) {
        List<String> values = context.queryParam(name);
        if (values.isEmpty() || values.getFirst().isBlank()) {
            return null;
        }
        String value = values.getFirst();
        if (value.indexOf('\0') >= 0) { // no database keeps it
            throw bad(name, value, "text without NUL");
        }
        return value;
    }

    static boolean flag(RoutingContext context, String name) {
        String value = Optional.ofNullable(text(context, name)).orElse("false");
        if (!value.equals("true") && !value.equals("false")) {
            throw bad(name, value, "true or false");
        }
        return value.equals("true");
    }

    static int number(RoutingContext context, String name, int defaultValue, int max) {
        String text = text(context, name);
        if (text == null) {
            return defaultValue;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw bad(name, text, "1 to " + max);
    }

    /** The number of an event; 0 is before the first. */
    static long event(String name, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw bad(name, text, "the number of an event");
        }
        return Long.parseLong(text);
    }

    static RefusedException bad(String name, String value, String expected) {
        return new RefusedException(
                400,
                "bad-" + name.toLowerCase(java.util.Locale.ROOT),
                name + ": '" + value + "' (expected: " + expected + ")");
    }
}
