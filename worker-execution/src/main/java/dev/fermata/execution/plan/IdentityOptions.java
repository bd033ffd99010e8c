package dev.fermata.execution.plan;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The options of an identity's sequence, from its definition in the snapshot. */
final class IdentityOptions {
    private static final Pattern DEFINITION = Pattern.compile(
            "as \\S+ increment (\\S+) minimum (\\S+) maximum (\\S+) start (\\S+) cache (\\S+)( cycle)?.*");

    private IdentityOptions() {}

    /** The same for a sequence of its own, with the type of its values. */
    static String withType(String definition) {
        String options = of(definition);
        return options.isEmpty() ? "" : " " + definition.substring(0, definition.indexOf(" increment ")) + options;
    }

    /** With a blank before it; empty where the definition is none of a sequence. */
    static String of(String definition) {
        Matcher matcher = DEFINITION.matcher(definition);
        return matcher.matches()
                ? " INCREMENT BY " + matcher.group(1) + " MINVALUE " + matcher.group(2) + " MAXVALUE "
                        + matcher.group(3)
                        + " START WITH " + matcher.group(4) + " CACHE " + matcher.group(5)
                        + (matcher.group(6) == null ? "" : " CYCLE")
                : "";
    }
}
