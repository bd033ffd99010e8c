package dev.fermata.execution.plan;

import dev.fermata.postgres.parser.Token;
import dev.fermata.postgres.parser.Token.Kind;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Changes the names of columns in definitions of indexes and constraints, as the server prints them. */
final class Tokens {
    /** What may stand behind the first word of a type. */
    private static final Set<String> OF_TYPES = Set.of("varying", "precision", "with", "without", "time", "zone");

    private final List<Token> tokens;

    private Tokens(String definition) {
        this.tokens = Token.of(definition);
    }

    /** The places of a column's name, from the first bracket on: before it stand names of other things. */
    private static List<Token> places(String definition, String column) {
        Tokens all = new Tokens(definition);
        int bracket = definition.indexOf('(');
        return IntStream.range(0, all.tokens.size())
                .filter(i -> bracket >= 0 && all.tokens.get(i).start() > bracket && all.isColumn(i, column))
                .mapToObj(all.tokens::get)
                .toList();
    }

    /** The server prints keywords in capitals, and a name like one in quotes. */
    private boolean isColumn(int i, String column) {
        Token token = tokens.get(i);
        boolean named = (token.kind() == Kind.WORD || token.kind() == Kind.QUOTED_NAME)
                && Sql.unquoted(token.text()).equals(column);
        return named
                && !isSymbol(i + 1, '(')
                && !isSymbol(i - 1, '.')
                && !isWord(i - 1, "COLLATE")
                && !isField(i)
                && !isType(i);
    }

    private boolean isSymbol(int i, char symbol) {
        return i >= 0 && i < tokens.size() && tokens.get(i).isSymbol(symbol);
    }

    private boolean isWord(int i, String word) {
        return i >= 0 && tokens.get(i).isWord(word);
    }

    /** As in {@code EXTRACT(year FROM born)}. */
    private boolean isField(int i) {
        return isSymbol(i - 1, '(') && isWord(i - 2, "EXTRACT");
    }

    /** As in {@code ::date}, or the last word of {@code ::timestamp(3) without time zone}. */
    private boolean isType(int i) {
        int first = i;
        while (first > 0 && OF_TYPES.contains(tokens.get(first).text())) {
            first--;
            if (isSymbol(first, ')')) {
                first -= 3; // the bracket, the precision and the other bracket
            }
        }
        return isSymbol(first - 1, ':') && isSymbol(first - 2, ':');
    }

    static boolean mention(String definition, String column) {
        return !places(definition, column).isEmpty();
    }

    /** In the columns of a foreign key only its own side. */
    static String replaced(String definition, String column, String by) {
        int to = definition.startsWith("FOREIGN KEY") ? definition.indexOf(" REFERENCES ") : definition.length();
        StringBuilder replaced = new StringBuilder();
        int last = 0;
        for (Token token : places(definition, column)) {
            if (token.start() < to) {
                replaced.append(definition, last, token.start()).append(Sql.quote(by));
                last = token.end();
            }
        }
        return replaced.append(definition.substring(last)).toString();
    }

    /** @param name quoted; {@code CREATE UNIQUE INDEX old ON ...} with that name */
    static String renamedIndex(String create, String name) {
        List<Token> tokens = Token.of(create);
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord("INDEX")) {
                Token old = tokens.get(i + 1);
                return create.substring(0, old.start()) + name + create.substring(old.end());
            }
        }
        throw new IllegalArgumentException("a definition without INDEX (expected: CREATE INDEX name ON ...)");
    }
}
