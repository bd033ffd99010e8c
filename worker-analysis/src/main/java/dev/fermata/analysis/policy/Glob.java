package dev.fermata.analysis.policy;

import java.util.regex.Pattern;

/** Patterns with stars for the names of files and tables, the same on every system. */
final class Glob {
    private Glob() {}

    /** {@code *} and {@code ?} stay within a folder, {@code **} does not; a folder means all that is below it. */
    static Pattern path(String glob) {
        String all = glob.startsWith("./") ? glob.substring(2) : glob;
        return compile(all.endsWith("/") ? all + "**" : all, "[^/]");
    }

    /** {@code *} and {@code ?} stay within a name; without a schema it is {@code public}, as in findings. */
    static Pattern table(String glob) {
        return compile(glob.contains(".") ? glob : "public." + glob, "[^.]");
    }

    private static Pattern compile(String glob, String within) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (glob.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (glob.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append(within).append('*');
            } else if (c == '?') {
                regex.append(within);
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }
}
