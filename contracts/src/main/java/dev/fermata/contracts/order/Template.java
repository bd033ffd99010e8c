package dev.fermata.contracts.order;

import dev.fermata.contracts.Nearest;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A document with placeholders {@code ${name}}. */
final class Template {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z][A-Za-z0-9_-]*)}");

    private Template() {}

    static Set<String> placeholders(String template) {
        Set<String> names = new LinkedHashSet<>();
        PLACEHOLDER.matcher(template).results().forEach(found -> names.add(found.group(1)));
        return names;
    }

    static String substitute(String template, String displayName, Map<String, String> values) {
        Problems problems = new Problems(displayName);
        Set<String> known = placeholders(template);
        Set<String> missing = new LinkedHashSet<>(known);
        missing.removeAll(values.keySet());
        Set<String> unused = new TreeSet<>(values.keySet());
        unused.removeAll(known);
        for (String name : missing) {
            problems.add(
                    ProblemCode.MISSING_PARAMETER,
                    mark(template, template.indexOf("${" + name + "}")),
                    "${" + name + "} has no value; give " + name + "=VALUE");
        }
        for (String name : unused) {
            String near = Nearest.of(name, known)
                    .map(meant -> "did you mean '" + meant + "'?")
                    .orElse("leave it out");
            problems.add(
                    ProblemCode.UNUSED_PARAMETER,
                    Mark.NOWHERE,
                    "the template has no placeholder '" + name + "' (expected: "
                            + (known.isEmpty() ? "none" : "one of " + String.join(", ", known)) + "); " + near);
        }
        problems.throwIfAny();
        return PLACEHOLDER.matcher(template).replaceAll(found -> value(found, values));
    }

    private static String value(MatchResult found, Map<String, String> values) {
        return Matcher.quoteReplacement(values.getOrDefault(found.group(1), ""));
    }

    private static Mark mark(String text, int index) {
        String before = text.substring(0, index);
        return new Mark((int) before.chars().filter(c -> c == '\n').count() + 1, index - before.lastIndexOf('\n'));
    }
}
