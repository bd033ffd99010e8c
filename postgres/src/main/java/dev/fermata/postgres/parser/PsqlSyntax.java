package dev.fermata.postgres.parser;

import java.util.Optional;

/**
 * Says in plain words when a syntax error comes from text that only {@code psql} understands: backslash commands,
 * variables, and the data lines after {@code COPY ... FROM STDIN}; such lines never reach a server, so the grammar has
 * no name for them. Names in backticks come from MySQL.
 */
final class PsqlSyntax {
    private PsqlSyntax() {}

    /** The better message for an error that the grammar reports at {@code offset}, if it is of that sort. */
    static Optional<String> explain(Positions script, int offset) {
        String text = script.text();
        if (offset < 0 || offset >= text.length()) {
            return Optional.empty();
        }
        String place = " on line " + script.line(offset);
        if (isCopyData(text, offset)) {
            return Optional.of("COPY data" + place
                    + " is not SQL the server understands: only psql sends it; use INSERT, or load the rows elsewhere");
        }
        char c = text.charAt(offset);
        if (c == '\\') {
            return Optional.of("psql command " + word(text, offset, 1) + place
                    + " is not SQL the server understands: remove it, it never reaches the server");
        }
        if (c == ':' && offset + 1 < text.length() && isVariable(text.charAt(offset + 1))) {
            return Optional.of("psql variable " + word(text, offset, 2) + place
                    + " is not SQL the server understands: write the value in its place");
        }
        if (c == '`') {
            return Optional.of("backtick" + place
                    + " is MySQL's way to quote a name: PostgreSQL writes \"name\", or plain lower case"
                    + " without quotes");
        }
        return Optional.empty();
    }

    private static boolean isVariable(char c) {
        return Character.isLetter(c) || c == '_' || c == '\'' || c == '"';
    }

    /** The run of letters, digits and underscores after the first {@code from} characters, at most 40 characters. */
    private static String word(String text, int offset, int from) {
        int end = Math.min(text.length(), offset + from);
        while (end < text.length() && end - offset < 40 && isWordPart(text.charAt(end))) {
            end++;
        }
        return end == offset + 1 && end < text.length() && !Lexer.isBlank(text.charAt(end))
                ? text.substring(offset, end + 1)
                : text.substring(offset, end);
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private static boolean isCopyData(String text, int offset) {
        Lexer lexer = new Lexer(text);
        CopyFromStdin copy = new CopyFromStdin();
        while (lexer.next() && lexer.start() < offset) {
            if (!lexer.isSymbol(';')) {
                copy.token(lexer);
                continue;
            }
            if (copy.matches()) {
                int end = endOfData(text, lexer.end());
                if (offset < end) {
                    return offset >= nextLine(text, lexer.end());
                }
                lexer.moveTo(end);
            }
            copy = new CopyFromStdin();
        }
        return false;
    }

    /** Offset after the line that holds nothing but a backslash and a dot, or the end of the text. */
    private static int endOfData(String text, int from) {
        int line = nextLine(text, from);
        while (line < text.length()) {
            int next = nextLine(text, line);
            if (text.substring(line, next).strip().equals("\\.")) {
                return next;
            }
            line = next;
        }
        return text.length();
    }

    private static int nextLine(String text, int from) {
        int newline = text.indexOf('\n', from);
        return newline < 0 ? text.length() : newline + 1;
    }

    /** Recognises {@code COPY ... FROM STDIN ...} from the tokens of one statement. */
    private static final class CopyFromStdin {
        private int tokens;
        private boolean copy;
        private boolean from;
        private boolean stdin;

        void token(Lexer lexer) {
            if (tokens++ == 0) {
                copy = lexer.isWord("copy");
            }
            stdin |= from && lexer.isWord("stdin");
            from = lexer.isWord("from");
        }

        boolean matches() {
            return copy && stdin;
        }
    }
}
