package dev.fermata.execution.verify;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Two catalogs that should be the same, with the order of columns told apart: it differs wherever a column was replaced.
 *
 * @param differences for people; one line each
 * @param columnOrder tables with the same columns in another order
 */
public record CatalogComparison(List<String> differences, List<String> columnOrder) {
    private static final String TABLE = "table ";
    private static final String STATISTICS = "statistics ";
    private static final String EXTENSION = "extension ";
    private static final String INDEX = "index ";
    private static final String COMMENT = "comment on ";
    private static final int LONGEST = 300;

    /** In the definition of a table; names that hold a comma or a parenthesis are quoted. */
    private static final Pattern COLUMNS = Pattern.compile("(?:^|; )columns \\(((?:\"(?:[^\"]|\"\")*\"|[^\")])*)\\)");

    private static final Pattern NAME = Pattern.compile("\"(?:[^\"]|\"\")*\"|[^\", ]+");

    public CatalogComparison {
        differences = List.copyOf(differences);
        columnOrder = List.copyOf(columnOrder);
    }

    /** Definitions by identity, of two catalogs. */
    public static CatalogComparison of(Map<String, String> expected, Map<String, String> actual) {
        List<String> differences = new ArrayList<>();
        List<String> columnOrder = new ArrayList<>();
        SortedSet<String> all = new TreeSet<>(expected.keySet());
        all.addAll(actual.keySet());
        for (String identity : all) {
            String want = expected.get(identity);
            String have = actual.get(identity);
            if (want == null) {
                differences.add(identity + " is there and should not be");
            } else if (have == null) {
                differences.add(identity + " is not there (expected: '" + cut(want) + "')");
            } else if (!want.equals(have) && !sameStatistics(identity, want, have)) {
                if (identity.startsWith(TABLE) && inAnyOrder(want).equals(inAnyOrder(have))) {
                    columnOrder.add(identity.substring(TABLE.length()));
                } else {
                    differences.add(identity + " is '" + cut(have) + "' (expected: '" + cut(want) + "')");
                }
            }
        }
        return new CatalogComparison(differences, columnOrder);
    }

    /** The server keeps their columns in the order of the table, and prints them so. */
    private static boolean sameStatistics(String identity, String want, String have) {
        return identity.startsWith(STATISTICS) && sortedStatistics(want).equals(sortedStatistics(have));
    }

    private static List<String> sortedStatistics(String definition) {
        return Arrays.stream(definition.split(", | ON | FROM ")).sorted().toList();
    }

    /** Whether what was said to stay changed has changed no more than was said. */
    static boolean isAsGoodAs(String identity, @Nullable String was, @Nullable String is) {
        if (was == null) {
            return identity.startsWith(EXTENSION) || identity.startsWith(COMMENT + EXTENSION);
        }
        if (is == null) {
            return (identity.startsWith(INDEX) && was.contains("; INVALID")) || identity.startsWith(COMMENT + INDEX);
        }
        return !identity.startsWith(TABLE) || inAnyOrder(was).equals(inAnyOrder(is));
    }

    /** The definition of a table with its columns in the order of their names. */
    private static String inAnyOrder(String definition) {
        Matcher columns = COLUMNS.matcher(definition);
        if (!columns.find()) {
            return definition;
        }
        String[] names = NAME.matcher(columns.group(1))
                .results()
                .map(name -> name.group())
                .toArray(String[]::new);
        Arrays.sort(names);
        return definition.substring(0, columns.start(1))
                + String.join(", ", names)
                + definition.substring(columns.end(1));
    }

    private static String cut(String definition) {
        String line = definition.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
        if (line.length() <= LONGEST) {
            return line;
        }
        int end = Character.isHighSurrogate(line.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return line.substring(0, end) + "...";
    }
}
