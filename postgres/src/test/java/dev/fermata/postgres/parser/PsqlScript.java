package dev.fermata.postgres.parser;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code psql} would send of a file, piece by piece, by psql's own rules and none of our parser's code: backslash
 * commands and COPY data are left out, variables that the file sets are replaced by {@code v}. Used once.
 */
final class PsqlScript {
    private static final Pattern SETS = Pattern.compile("^\\\\(?:set|getenv)\\s+(\\w+)");
    private static final Pattern VARIABLE = Pattern.compile(":(?:'\\w+'|\"\\w+\"|\\w+)");
    private static final Pattern COPY_IN = Pattern.compile("(?is)^copy\\b.*\\bfrom\\s+stdin\\b.*");
    private static final Pattern ROUTINE =
            Pattern.compile("(?is)^create\\s+(or\\s+replace\\s+)?(function|procedure)\\b");
    private static final Pattern DOLLAR = Pattern.compile("\\$(?:[A-Za-z_\\x80-\\uffff][\\w\\x80-\\uffff]*)?\\$");

    private final String text;
    private final List<String> pieces = new ArrayList<>();
    private final Set<String> variables = new HashSet<>();
    private final StringBuilder piece = new StringBuilder();
    private int at;
    private int parentheses;
    private int begins;

    private PsqlScript(String text) {
        this.text = text;
    }

    /** Without the semicolons that end them, and without what is nothing but blanks and comments. */
    static List<String> pieces(String file) {
        PsqlScript script = new PsqlScript(file);
        while (script.at < file.length()) {
            script.step();
        }
        script.end();
        return script.pieces;
    }

    private void step() {
        char c = text.charAt(at);
        if (text.startsWith("--", at)) {
            copy(lineEnd());
        } else if (text.startsWith("/*", at)) {
            copy(commentEnd());
        } else if (c == '\'') {
            boolean escapes =
                    at > 0 && "eE".indexOf(text.charAt(at - 1)) >= 0 && (at < 2 || !isWord(text.charAt(at - 2)));
            copy(quoteEnd(c, escapes));
        } else if (c == '"') {
            copy(quoteEnd(c, false));
        } else if (c == '$' && (at == 0 || !isWord(text.charAt(at - 1)))) {
            dollar();
        } else if (c == '\\') {
            backslash();
        } else if (c == ';' && parentheses == 0 && begins == 0) {
            at++;
            end();
        } else if (c == ':') {
            colon();
        } else if (isWord(c)) {
            word();
        } else {
            parentheses = Math.max(0, parentheses + (c == '(' ? 1 : c == ')' ? -1 : 0));
            copy(at + 1);
        }
    }

    private void copy(int end) {
        piece.append(text, at, end);
        at = end;
    }

    private int lineEnd() {
        int end = text.indexOf('\n', at);
        return end < 0 ? text.length() : end;
    }

    private int commentEnd() {
        int depth = 0;
        int i = at;
        do {
            boolean opens = text.startsWith("/*", i);
            boolean closes = text.startsWith("*/", i);
            depth += opens ? 1 : closes ? -1 : 0;
            i += opens || closes ? 2 : 1;
        } while (depth > 0 && i < text.length());
        return Math.min(i, text.length());
    }

    private int quoteEnd(char quote, boolean escapes) {
        int i = at + 1;
        while (i < text.length() && text.charAt(i) != quote) {
            i += escapes && text.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, text.length());
    }

    private void dollar() {
        Matcher tag = DOLLAR.matcher(text).region(at, text.length());
        if (tag.lookingAt()) {
            int close = text.indexOf(tag.group(), tag.end());
            copy(close < 0 ? text.length() : close + tag.group().length());
        } else {
            copy(at + 1);
        }
    }

    /** {@code \;} stands for a semicolon in a message, every other command is psql's and takes the rest of the line. */
    private void backslash() {
        if (text.startsWith("\\;", at)) {
            at += 2;
            end();
            return;
        }
        String command = text.substring(at, lineEnd());
        Matcher sets = SETS.matcher(command);
        if (sets.find()) {
            variables.add(sets.group(1));
        }
        at = lineEnd();
        if (command.matches("\\\\(g|bind|parse|crosstabview|watch|sendpipeline).*")) {
            end();
        } else if (command.matches("\\\\r\\b.*")) {
            piece.setLength(0);
        }
    }

    private void colon() {
        Matcher variable = VARIABLE.matcher(text).region(at, text.length());
        boolean cast = text.startsWith("::", at);
        if (!cast && variable.lookingAt()) {
            String name = variable.group().replaceAll("[:'\"]", "");
            if (variables.contains(name)) {
                piece.append(variable.group().substring(1).replace(name, "v"));
                at = variable.end();
                return;
            }
        }
        copy(cast ? at + 2 : at + 1);
    }

    /** BEGIN ATOMIC ... END in the definition of a routine, as psql counts them. */
    private void word() {
        int end = at;
        while (end < text.length() && isWord(text.charAt(end))) {
            end++;
        }
        String word = text.substring(at, end).toLowerCase(Locale.ROOT);
        if (parentheses == 0 && ROUTINE.matcher(bare()).find()) {
            begins += word.equals("begin") || (word.equals("case") && begins > 0) ? 1 : 0;
            begins -= word.equals("end") && begins > 0 ? 1 : 0;
        }
        copy(end);
    }

    private void end() {
        String bare = bare();
        parentheses = 0;
        begins = 0;
        piece.setLength(0);
        if (bare.isEmpty()) {
            return;
        }
        pieces.add(bare);
        if (COPY_IN.matcher(bare).matches()) {
            int data = lineEnd();
            Matcher over = Pattern.compile("(?m)^\\\\\\.$").matcher(text).region(data, text.length());
            at = over.find() ? over.end() : data;
        }
    }

    /** Without the comments and blanks before it. */
    private String bare() {
        return piece.toString()
                .replaceFirst("^(?:\\s+|--[^\\n]*(?:\\n|$)|/\\*(?:[^*]|\\*(?!/))*+\\*/)+", "")
                .strip();
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c >= 0x80;
    }
}
