package dev.fermata.postgres.parser;

import dev.fermata.postgres.parser.Token.Kind;

/**
 * Walks over the tokens of SQL text by the rules of PostgreSQL's {@code scan.l} (with {@code
 * standard_conforming_strings}, the default): quotes, {@code E''} strings and their continuation on the next line,
 * dollar quotes, nested comments. Blanks and comments are passed over.
 *
 * <p>It never fails: an unterminated quote or comment reaches to the end of the text. It is meant for text that the
 * real grammar has accepted, and for looking around after the grammar has not.
 *
 * <pre>{@code
 * for (Lexer lexer = new Lexer(text); lexer.next(); ) { ... lexer.kind() ... lexer.start() ... }
 * }</pre>
 *
 * Not thread-safe.
 */
final class Lexer {
    private final String text;
    private final int limit;
    private int at;
    private Kind kind = Kind.SYMBOL;
    private int start;

    Lexer(String text) {
        this(text, 0, text.length());
    }

    /** Looks at {@code [from, limit)} only. */
    Lexer(String text, int from, int limit) {
        this.text = text;
        this.at = from;
        this.limit = limit;
    }

    /** Steps to the next token; false at the end of the text. */
    boolean next() {
        skipBlanksAndComments();
        start = at;
        if (at >= limit) {
            return false;
        }
        kind = read(text.charAt(at));
        return true;
    }

    Kind kind() {
        return kind;
    }

    int start() {
        return start;
    }

    /** Offset after the token. */
    int end() {
        return at;
    }

    /** Goes on from {@code offset}, whatever stands there. */
    void moveTo(int offset) {
        at = offset;
    }

    /** Whether the token is this keyword, in any case. */
    boolean isWord(String word) {
        return kind == Kind.WORD
                && at - start == word.length()
                && text.regionMatches(true, start, word, 0, word.length());
    }

    boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(start) == symbol;
    }

    private Kind read(char c) {
        if (c == '\'') {
            string(false);
            return Kind.STRING;
        }
        if (c == '"') {
            quotedName();
            return Kind.QUOTED_NAME;
        }
        if (c == '$') {
            return dollar();
        }
        if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
            number();
            return Kind.NUMBER;
        }
        if (startsName(c)) {
            return nameOrPrefixedConstant(c);
        }
        if (isOperator(c)) {
            operator();
            return Kind.OPERATOR;
        }
        at++;
        return Kind.SYMBOL;
    }

    private Kind nameOrPrefixedConstant(char c) {
        char second = peek(1);
        if (second == '\'' && "eEbBxXnN".indexOf(c) >= 0) {
            at++;
            string(c == 'e' || c == 'E');
            return Kind.STRING;
        }
        if ((c == 'u' || c == 'U') && second == '&' && peek(2) == '\'') {
            at += 2;
            string(false);
            return Kind.STRING;
        }
        if ((c == 'u' || c == 'U') && second == '&' && peek(2) == '"') {
            at += 2;
            quotedName();
            return Kind.QUOTED_NAME;
        }
        skipWhile(Lexer::continuesName);
        return Kind.WORD;
    }

    private void skipBlanksAndComments() {
        while (at < limit) {
            if (isBlank(text.charAt(at))) {
                at++;
            } else if (looksAt("--")) {
                lineComment();
            } else if (looksAt("/*")) {
                blockComment();
            } else {
                return;
            }
        }
    }

    private void lineComment() {
        skipWhile(c -> !isNewline(c));
    }

    private void blockComment() {
        int depth = 0;
        do {
            if (looksAt("/*")) {
                depth++;
                at += 2;
            } else if (looksAt("*/")) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < limit);
    }

    /** From the opening quote on; a string goes on after a line break: {@code 'a' <newline> 'b'} is one constant. */
    private void string(boolean backslashEscapes) {
        do {
            quoted('\'', backslashEscapes);
        } while (skipToContinuation());
    }

    private void quotedName() {
        quoted('"', false);
    }

    private void quoted(char quote, boolean backslashEscapes) {
        at++;
        while (at < limit) {
            char c = text.charAt(at++);
            if (c == quote) {
                if (peek(0) != quote) {
                    return;
                }
                at++;
            } else if (backslashEscapes && c == '\\' && at < limit) {
                at++;
            }
        }
    }

    /** Blanks with a line break and line comments, then a quote: the rule {@code quotecontinue} of scan.l. */
    private boolean skipToContinuation() {
        int back = at;
        boolean newline = false;
        while (at < limit) {
            char c = text.charAt(at);
            if (isBlank(c)) {
                newline |= isNewline(c);
                at++;
            } else if (looksAt("--")) {
                lineComment();
            } else {
                if (c == '\'' && newline) {
                    return true;
                }
                break;
            }
        }
        at = back;
        return false;
    }

    private Kind dollar() {
        int tagEnd = at + 1;
        if (tagEnd < limit && isDigit(text.charAt(tagEnd))) {
            at = tagEnd;
            skipWhile(Lexer::isDigit);
            return Kind.PARAMETER;
        }
        if (tagEnd < limit && startsName(text.charAt(tagEnd))) {
            while (tagEnd < limit && continuesName(text.charAt(tagEnd)) && text.charAt(tagEnd) != '$') {
                tagEnd++;
            }
        }
        if (tagEnd >= limit || text.charAt(tagEnd) != '$') {
            at++;
            return Kind.SYMBOL;
        }
        String tag = text.substring(at, tagEnd + 1);
        int close = text.indexOf(tag, tagEnd + 1);
        at = close < 0 || close + tag.length() > limit ? limit : close + tag.length();
        return Kind.STRING;
    }

    /**
     * Digits, a fraction, an exponent, each if it is there; what follows is the next token, blank between them or not.
     */
    private void number() {
        boolean otherBase = text.charAt(at) == '0' && "xXoObB".indexOf(peek(1)) >= 0;
        if (otherBase) {
            at += 2;
            skipWhile(c -> isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '_');
            return;
        }
        skipWhile(Lexer::isDigitOrUnderscore);
        if (peek(0) == '.') {
            at++;
            skipWhile(Lexer::isDigitOrUnderscore);
        }
        boolean signed = peek(1) == '+' || peek(1) == '-';
        if ((peek(0) == 'e' || peek(0) == 'E') && isDigit(peek(signed ? 2 : 1))) {
            at += 2;
            skipWhile(Lexer::isDigitOrUnderscore);
        }
    }

    private void operator() {
        do {
            at++;
        } while (at < limit && isOperator(text.charAt(at)) && !looksAt("--") && !looksAt("/*"));
    }

    private void skipWhile(CharTest test) {
        while (at < limit && test.holds(text.charAt(at))) {
            at++;
        }
    }

    private interface CharTest {
        boolean holds(char c);
    }

    private boolean looksAt(String expected) {
        return at + expected.length() <= limit && text.startsWith(expected, at);
    }

    /** The character {@code ahead} of the current one, or NUL past the end. */
    private char peek(int ahead) {
        return at + ahead < limit ? text.charAt(at + ahead) : '\0';
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\u000b';
    }

    private static boolean isNewline(char c) {
        return c == '\n' || c == '\r';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isDigitOrUnderscore(char c) {
        return isDigit(c) || c == '_';
    }

    private static boolean startsName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    }

    private static boolean continuesName(char c) {
        return startsName(c) || isDigit(c) || c == '$';
    }

    private static boolean isOperator(char c) {
        return "~!@#^&|`?+-*/%<>=".indexOf(c) >= 0;
    }
}
