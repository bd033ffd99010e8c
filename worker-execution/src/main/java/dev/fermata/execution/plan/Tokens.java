package dev.fermata.execution.plan;

import dev.fermata.postgres.parser.Token;
import java.util.List;

/** Changes names in definitions that the server has printed. */
final class Tokens {
    private Tokens() {}

    private static boolean isName(Token token, String name) {
        return switch (token.kind()) {
            case WORD, QUOTED_NAME -> Sql.unquoted(token.text()).equals(name);
            default -> false;
        };
    }

    /** From the first bracket on: before it stand names of other things. */
    private static int brackets(String definition) {
        int bracket = definition.indexOf('(');
        return bracket < 0 ? definition.length() : bracket;
    }

    static boolean mention(String definition, String column) {
        int from = brackets(definition);
        return Token.of(definition).stream().anyMatch(token -> token.start() > from && isName(token, column));
    }

    /** In the columns of a foreign key only its own side. */
    static String replaced(String definition, String column, String by) {
        int from = brackets(definition);
        int to = definition.startsWith("FOREIGN KEY") ? definition.indexOf(" REFERENCES ") : definition.length();
        StringBuilder replaced = new StringBuilder();
        int last = 0;
        for (Token token : Token.of(definition)) {
            if (token.start() > from && token.start() < to && isName(token, column)) {
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
