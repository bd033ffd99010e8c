package dev.fermata.postgres.parser;

import java.util.ArrayList;
import java.util.List;

/**
 * A token of SQL text, as {@code scan.l} would delimit it; blanks and comments are none.
 *
 * @param start UTF-16 offset into the text
 * @param end offset after its last character
 * @param text as it stands there, quotes included
 */
public record Token(Kind kind, int start, int end, String text) {
    /** What a token is, as far as splicing text needs to know. */
    public enum Kind {
        /** Keyword or plain identifier. */
        WORD,
        /** {@code "name"} or {@code U&"name"}. */
        QUOTED_NAME,
        /** Any string constant, with its prefix. */
        STRING,
        NUMBER,
        /** {@code $1} */
        PARAMETER,
        /** One or more operator characters. */
        OPERATOR,
        /** Any other single character, such as a parenthesis or a backslash. */
        SYMBOL
    }

    /**
     * All tokens of the text. Never fails: an unterminated quote reaches to the end.
     *
     * <pre>{@code a >= 'x y' /* no *}{@code /   gives   a, >=, 'x y'}</pre>
     */
    public static List<Token> of(String text) {
        List<Token> tokens = new ArrayList<>();
        for (Lexer lexer = new Lexer(text); lexer.next(); ) {
            tokens.add(new Token(lexer.kind(), lexer.start(), lexer.end(), text.substring(lexer.start(), lexer.end())));
        }
        return tokens;
    }

    /** Whether it is this keyword, in any case. */
    public boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    public boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.charAt(0) == symbol;
    }

    /** 1 for an opening bracket, -1 for a closing one, else 0. */
    public int depthChange() {
        if (isSymbol('(') || isSymbol('[')) {
            return 1;
        }
        return isSymbol(')') || isSymbol(']') ? -1 : 0;
    }
}
