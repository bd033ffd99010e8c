package dev.fermata.benchmarks;

import dev.fermata.postgres.catalog.CatalogDiff;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares catalogs but for the order of columns: a column that took the place of another is the last of its table. */
final class Columns {
    private static final Pattern LIST = Pattern.compile("columns \\(([^)]*)\\)");

    private Columns() {}

    static List<String> inAnyOrder(CatalogDiff diff) {
        boolean onlyOrder = diff.added().isEmpty()
                && diff.removed().isEmpty()
                && diff.changed().values().stream()
                        .allMatch(change -> sorted(change.before()).equals(sorted(change.after())));
        return onlyOrder ? List.of() : diff.describe();
    }

    private static String sorted(String definition) {
        Matcher matcher = LIST.matcher(definition);
        return matcher.find()
                ? matcher.replaceFirst(
                        Matcher.quoteReplacement(Arrays.stream(matcher.group(1).split(", "))
                                .sorted()
                                .toList()
                                .toString()))
                : definition;
    }
}
