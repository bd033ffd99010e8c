package dev.fermata.contracts.order;

import dev.fermata.contracts.Nearest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Markdown work order, taken apart: front matter between two lines {@code ---}, fenced blocks {@code sql change} and
 * {@code sql rollback}, and the rest, which is the description. Other fenced blocks belong to the description. Fences as in
 * CommonMark 0.31 section 4.5.
 */
final class MarkdownDocument {
    private static final Pattern FENCE = Pattern.compile("( {0,3})(`{3,}+|~{3,}+)(.*)");
    private static final List<String> BLOCKS = List.of("change", "rollback");

    private final List<Block> blocks = new ArrayList<>();
    private final StringBuilder prose = new StringBuilder();
    private final Problems problems;
    private @Nullable Mark plainSql;

    private MarkdownDocument(Problems problems) {
        this.problems = problems;
    }

    /** The front matter is the lines 2 to {@code bodyLine - 2}. */
    record Parts(String frontMatter, String body, int bodyLine) {}

    /** A block of SQL; the fence itself is the line above {@code start}. */
    record Block(String name, String sql, Mark start) {}

    /** @throws WorkOrderFileException when the front matter does not end */
    static Parts split(String text, Problems problems) {
        String[] lines = text.split("\n", -1);
        for (int i = 1; i < lines.length; i++) {
            if (lines[i].stripTrailing().equals("---")) {
                return new Parts(
                        String.join("\n", Arrays.asList(lines).subList(1, i)),
                        String.join("\n", Arrays.asList(lines).subList(i + 1, lines.length)),
                        i + 2);
            }
        }
        problems.add(
                ProblemCode.UNTERMINATED_FRONT_MATTER,
                new Mark(1, 1),
                "the front matter that begins here does not end (expected: a second line ---); add it after the last"
                        + " key, or remove this one if the file is plain YAML");
        throw problems.exception();
    }

    /** @param firstLine of the body in the file, 1-based */
    static MarkdownDocument body(String body, int firstLine, Problems problems) {
        MarkdownDocument document = new MarkdownDocument(problems);
        document.read(body.split("\n", -1), firstLine);
        return document;
    }

    List<Block> blocks(String name) {
        return blocks.stream().filter(block -> block.name().equals(name)).toList();
    }

    /** What is left without the blocks, without blank lines around it. */
    String description() {
        return prose.toString().strip();
    }

    /** Where the first block of SQL is that is neither change nor rollback, null when there is none. */
    @Nullable
    Mark plainSql() {
        return plainSql;
    }

    private void read(String[] lines, int firstLine) {
        int i = 0;
        while (i < lines.length) {
            Matcher fence = FENCE.matcher(lines[i]);
            if (!opens(fence)) {
                prose.append(lines[i++]).append('\n');
                continue;
            }
            int end = end(lines, i, fence.group(2));
            Mark mark = new Mark(firstLine + i, fence.group(1).length() + 1);
            if (end == lines.length) {
                problems.add(
                        ProblemCode.UNTERMINATED_BLOCK,
                        mark,
                        "the block that begins here does not end; add a line " + fence.group(2) + " after it");
                return;
            }
            String name = name(fence.group(3).strip(), mark);
            if (name == null) {
                Arrays.asList(lines).subList(i, end + 1).forEach(line -> prose.append(line)
                        .append('\n'));
            } else {
                int indentation = fence.group(1).length();
                blocks.add(new Block(
                        name, sql(lines, i + 1, end, indentation), new Mark(firstLine + i + 1, indentation + 1)));
            }
            i = end + 1;
        }
    }

    /** What stands behind backticks may hold none, else it is code within a line. */
    private static boolean opens(Matcher fence) {
        return fence.matches()
                && (fence.group(2).startsWith("~") || fence.group(3).indexOf('`') < 0);
    }

    /** Index of the closing fence: the same character, at least as often, and nothing behind it. */
    private static int end(String[] lines, int start, String fence) {
        Pattern closing = Pattern.compile(" {0,3}" + fence.charAt(0) + "{" + fence.length() + ",}[ \t]*");
        int end = start + 1;
        while (end < lines.length && !closing.matcher(lines[end]).matches()) {
            end++;
        }
        return end;
    }

    private @Nullable String name(String info, Mark mark) {
        String[] words = info.toLowerCase(Locale.ROOT).split("\\s+");
        if (!words[0].equals("sql")) {
            return null;
        }
        if (words.length == 1) {
            plainSql = plainSql == null ? mark : plainSql;
            return null;
        }
        if (BLOCKS.contains(words[1]) && words.length == 2) {
            return words[1];
        }
        Nearest.of(words[1], BLOCKS)
                .ifPresent(near -> problems.add(
                        ProblemCode.UNKNOWN_BLOCK,
                        mark,
                        "the block '" + info
                                + "' is no part of a work order (expected: sql change or sql rollback); write 'sql "
                                + near + "'"));
        return null;
    }

    private static String sql(String[] lines, int from, int to, int indentation) {
        List<String> sql = new ArrayList<>();
        for (String line : Arrays.asList(lines).subList(from, to)) {
            int leading = 0;
            while (leading < indentation && leading < line.length() && line.charAt(leading) == ' ') {
                leading++;
            }
            sql.add(line.substring(leading));
        }
        return String.join("\n", sql);
    }
}
