package dev.fermata.contracts;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that somebody probably meant: "unknown key 'titel'; did you mean 'title'?" */
public final class Nearest {
    private Nearest() {}

    /**
     * The known word with the fewest edits (insert, delete, replace, swap of neighbours), empty when even that one is more
     * than a third of the word away. Case does not count. Of equally near words the first in the collection wins.
     */
    public static Optional<String> of(String word, Collection<String> known) {
        int limit = Math.max(1, (word.length() + 2) / 3);
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= limit)
                .min(Comparator.comparingInt(candidate -> edits(word, candidate)))
                .filter(candidate -> edits(word, candidate) <= limit);
    }

    /** Optimal string alignment distance; the words are keys and names, so a full table is small. */
    private static int edits(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                cost[i][j] = cell(a, b, i, j, cost);
            }
        }
        return cost[a.length()][b.length()];
    }

    private static int cell(String a, String b, int i, int j, int[][] cost) {
        if (i == 0 || j == 0) {
            return i + j;
        }
        int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, 1 + cost[i - 2][j - 2]) : best;
    }
}
