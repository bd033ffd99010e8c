package dev.fermata.postgres.parser;

import java.util.ArrayList;
import java.util.List;

/**
 * A comment of a script.
 *
 * @param text without the characters that make it one, and without blanks around it
 * @param start UTF-16 offset into the script of its first character
 * @param end offset after its last
 */
public record Comment(String text, int start, int end) {

    /** All comments of a script, in order; quotes of any sort are no place for one. Never fails. */
    public static List<Comment> of(String script) {
        List<Comment> comments = new ArrayList<>();
        Lexer lexer = new Lexer(script);
        int gap = 0;
        boolean more = true;
        while (more) {
            more = lexer.next();
            addOf(script, gap, more ? lexer.start() : script.length(), comments);
            gap = lexer.end();
        }
        return List.copyOf(comments);
    }

    /** Between tokens there are only blanks and comments. */
    private static void addOf(String script, int from, int to, List<Comment> comments) {
        int at = from;
        while (at < to) {
            if (script.startsWith("--", at)) {
                int end = at;
                while (end < to && script.charAt(end) != '\n' && script.charAt(end) != '\r') {
                    end++;
                }
                comments.add(new Comment(script.substring(at + 2, end).strip(), at, end));
                at = end;
            } else if (script.startsWith("/*", at)) {
                int end = endOfBlock(script, at, to);
                int inside = Math.max(at + 2, end - 2);
                comments.add(new Comment(script.substring(at + 2, inside).strip(), at, end));
                at = end;
            } else {
                at++;
            }
        }
    }

    private static int endOfBlock(String script, int from, int to) {
        int depth = 0;
        int at = from;
        do {
            if (script.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (script.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < to);
        return Math.min(at, to);
    }
}
