package dev.fermata.postgres.preflight;

import dev.fermata.postgres.parser.Token;
import dev.fermata.postgres.parser.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * SQL text as tokens, to find the author's own words in: the parse tree says where something starts, never where it
 * ends. All is looked for outside brackets.
 */
final class Tokens {
    private final String text;
    private final List<Token> all;

    private Tokens(String text, List<Token> all) {
        this.text = text;
        this.all = all;
    }

    static Tokens of(String text) {
        return new Tokens(text, Token.of(text));
    }

    List<Token> list() {
        return all;
    }

    /** From that offset on; a negative one stands for the start. */
    Tokens from(int offset) {
        return new Tokens(
                text, all.stream().filter(token -> token.start() >= offset).toList());
    }

    boolean startsWith(String... words) {
        if (all.size() < words.length) {
            return false;
        }
        for (int i = 0; i < words.length; i++) {
            if (!all.get(i).isWord(words[i])) {
                return false;
            }
        }
        return true;
    }

    /** What comes after the first such word outside brackets. */
    Optional<Tokens> after(String word) {
        int at = find(0, token -> token.isWord(word));
        return at < 0 ? Optional.empty() : Optional.of(sub(at + 1, all.size()));
    }

    /** Up to the first token outside brackets that is meant, or to the end. */
    Tokens before(Predicate<Token> end) {
        int at = find(0, end);
        return at < 0 ? this : sub(0, at);
    }

    /** What is in the first brackets. */
    Optional<Tokens> group() {
        int open = find(0, token -> token.isSymbol('('));
        if (open < 0) {
            return Optional.empty();
        }
        int close = find(open + 1, token -> token.isSymbol(')'));
        return close < 0 ? Optional.empty() : Optional.of(sub(open + 1, close));
    }

    /** What follows the first brackets. */
    Tokens afterGroup() {
        int open = find(0, token -> token.isSymbol('('));
        int close = open < 0 ? -1 : find(open + 1, token -> token.isSymbol(')'));
        return close < 0 ? sub(all.size(), all.size()) : sub(close + 1, all.size());
    }

    /** The parts between commas. */
    List<Tokens> parts() {
        List<Tokens> parts = new ArrayList<>();
        int from = 0;
        for (int comma = find(0, Tokens::isComma); comma >= 0; comma = find(from, Tokens::isComma)) {
            parts.add(sub(from, comma));
            from = comma + 1;
        }
        if (from < all.size()) {
            parts.add(sub(from, all.size()));
        }
        return parts;
    }

    Tokens sub(int from, int to) {
        return new Tokens(text, all.subList(from, to));
    }

    int size() {
        return all.size();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /** As it stands in the text, with the comments between its tokens. */
    String text() {
        return all.isEmpty()
                ? ""
                : text.substring(all.getFirst().start(), all.getLast().end());
    }

    static boolean isComma(Token token) {
        return token.isSymbol(',');
    }

    static boolean isName(Token token) {
        return token.kind() == Kind.WORD || token.kind() == Kind.QUOTED_NAME;
    }

    /** As the catalog has the name; {@code U&"..."} with its escapes is left as it is, and names nothing. */
    static String unquoted(Token name) {
        return name.text().startsWith("\"")
                ? name.text().substring(1, name.text().length() - 1).replace("\"\"", "\"")
                : name.text().toLowerCase(Locale.ROOT);
    }

    /** The first such token outside brackets from index {@code from} on; the closing one of the level counts as outside. */
    private int find(int from, Predicate<Token> wanted) {
        int depth = 0;
        for (int i = from; i < all.size(); i++) {
            Token token = all.get(i);
            if (depth == 0 && wanted.test(token)) {
                return i;
            }
            depth += token.depthChange();
        }
        return -1;
    }
}
