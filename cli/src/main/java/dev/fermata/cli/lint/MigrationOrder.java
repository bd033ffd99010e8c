package dev.fermata.cli.lint;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order in which migration tools run files: numbers by value, everything else as text. */
final class MigrationOrder {
    private static final Pattern PART = Pattern.compile("\\d+|\\D+");

    static final Comparator<Path> BY_NAME = (left, right) -> compare(left.toString(), right.toString());

    private MigrationOrder() {}

    static int compare(String left, String right) {
        Matcher one = PART.matcher(left);
        Matcher other = PART.matcher(right);
        while (true) {
            boolean more = one.find();
            if (more != other.find()) {
                return more ? 1 : -1;
            }
            if (!more) {
                return 0;
            }
            int compared = comparePart(one.group(), other.group());
            if (compared != 0) {
                return compared;
            }
        }
    }

    private static int comparePart(String left, String right) {
        boolean numbers = Character.isDigit(left.charAt(0)) && Character.isDigit(right.charAt(0));
        int byValue = numbers ? new BigInteger(left).compareTo(new BigInteger(right)) : 0;
        return byValue != 0 ? byValue : left.compareTo(right);
    }
}
