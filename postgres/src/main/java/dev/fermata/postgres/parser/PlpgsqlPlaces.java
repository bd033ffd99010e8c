package dev.fermata.postgres.parser;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in the text of a PL/pgSQL body what its tree says: the tree has the line of each statement and a copy of its SQL,
 * but no offset of it. Asked in the order of the text. What is not found is placed at the start of its line.
 */
final class PlpgsqlPlaces {
    private static final String SELECT = "SELECT";

    /** How many tokens are looked at for one text: it begins near its line. */
    private static final int MAX_TRIES = 500;

    /** How the server writes {@code WHEN value} of a CASE with an operand. */
    private static final Pattern WHEN = Pattern.compile("\"__Case__Variable_\\d+__\" IN \\((.*)\\)", Pattern.DOTALL);

    private final SourceText body;
    private final Positions positions;
    private final int begin;
    private int at;

    PlpgsqlPlaces(SourceText body) {
        this.body = body;
        this.positions = new Positions(body.text());
        this.begin = begin(body.text());
    }

    private static int begin(String body) {
        for (Lexer lexer = new Lexer(body); lexer.next(); ) {
            if (lexer.isWord("begin")) {
                return lexer.start();
            }
        }
        return 0;
    }

    /** Looks on from that line, unless it is past it already. */
    void goTo(int line) {
        at = Math.max(at, positions.start(line));
    }

    /** Goes back, or on, to the outermost BEGIN. */
    void goToBegin() {
        at = begin;
    }

    /** Whether what was found last stands before the outermost BEGIN, in its declarations. */
    boolean isBeforeBegin() {
        return at <= begin;
    }

    /** SQL as it stands there, except that an INTO clause is blanked out; empty for no SQL. */
    Optional<SourceText> verbatim(String query, int line) {
        Matcher when = WHEN.matcher(query);
        String written = when.matches() ? when.group(1) : query;
        return written.isEmpty() ? Optional.empty() : Optional.of(find(written, line));
    }

    /** The {@code SELECT} that the server makes of PERFORM: it overwrites the word, which is one letter longer. */
    Optional<SourceText> performed(String select, int line) {
        String rest = select.startsWith(SELECT) ? select.substring(SELECT.length()) : select;
        Lexer lexer = new Lexer(body.text(), at, body.length());
        for (int i = 0; i < MAX_TRIES && lexer.next(); i++) {
            if (lexer.isWord("perform") && matches(lexer.end(), rest)) {
                at = lexer.end() + rest.length();
                return Optional.of(new SourceText.Builder()
                        .append(SELECT, body.origin(lexer.start()))
                        .append(placed(rest, lexer.end()))
                        .build());
            }
        }
        return Optional.of(SourceText.at(select, origin(line)));
    }

    /** A statement that begins with that word, up to its semicolon. */
    SourceText word(String word) {
        Lexer lexer = new Lexer(body.text(), at, body.length());
        for (int i = 0; i < MAX_TRIES && lexer.next(); i++) {
            if (lexer.isWord(word)) {
                int start = lexer.start();
                int end = lexer.end();
                while (lexer.next() && !lexer.isSymbol(';')) {
                    end = lexer.end();
                }
                at = end;
                return body.slice(start, end);
            }
        }
        return SourceText.at(word, body.origin(at));
    }

    /** Place of the first token of a line. */
    int origin(int line) {
        Lexer lexer = new Lexer(body.text(), positions.start(line), body.length());
        return body.origin(lexer.next() ? lexer.start() : body.length());
    }

    private SourceText find(String query, int line) {
        Lexer lexer = new Lexer(body.text(), at, body.length());
        for (int i = 0; i < MAX_TRIES && lexer.next(); i++) {
            if (matches(lexer.start(), query)) {
                at = lexer.start() + query.length();
                return placed(query, lexer.start());
            }
        }
        return SourceText.at(query, origin(line));
    }

    private SourceText placed(String query, int start) {
        if (body.text().startsWith(query, start)) {
            return body.slice(start, start + query.length());
        }
        SourceText.Builder blanked = new SourceText.Builder();
        for (int i = 0; i < query.length(); i++) {
            blanked.append(query.charAt(i), body.origin(start + i));
        }
        return blanked.build();
    }

    private boolean matches(int start, String query) {
        String text = body.text();
        if (start + query.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < query.length(); i++) {
            if (query.charAt(i) != text.charAt(start + i) && (query.charAt(i) != ' ' || i == 0)) {
                return false;
            }
        }
        return true;
    }
}
