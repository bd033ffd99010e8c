package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fermata.testsupport.Gen;
import dev.fermata.testsupport.Property;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The lexer against the server's own scanner; a string that goes on after a line comment is left out, libpg_query errs
 * there.
 */
class LexerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final LibPgQuery LIB_PG_QUERY = new LibPgQuery();

    private static final Pattern COMMENT_AFTER_STRING = Pattern.compile("'\\s*--");

    private static final Gen<String> PIECES = Gen.of(
            " ",
            "\n",
            "\t",
            "a",
            "Select",
            "é",
            "x1$",
            "_",
            "1",
            "1.5",
            ".5",
            "1e5",
            "1e-5",
            "0xFf",
            "1_000",
            "$1",
            "'a'",
            "'it''s'",
            "''",
            "e'\\''",
            "E'\\\\'",
            "b'10'",
            "X'f'",
            "n'x'",
            "u&'\\0061'",
            "\"q\"",
            "\"q\"\"r\"",
            "u&\"q\"",
            "$$ x $$",
            "$t$ $$ $t$",
            "-- c\n",
            "/* c */",
            "/* a /* b */ */",
            "(",
            ")",
            "[",
            "]",
            ",",
            ";",
            ".",
            ":",
            "::",
            ":=",
            "+",
            "-",
            "*",
            "/",
            "<",
            "=>",
            "<>",
            "@",
            "#>>",
            "?|",
            "%",
            "'a'\n'b'",
            "e'a'\n  'b\\''");

    private static final Gen<String> TEXTS = PIECES.lists(0, 12)
            .map(pieces -> pieces.stream().collect(Collectors.joining()))
            .filter(text -> !COMMENT_AFTER_STRING.matcher(text).find());

    @Test
    void findsTheTokensOfTheServersScanner() {
        Property.forAll(20_000, TEXTS, text -> {
            String scanned = LIB_PG_QUERY.scan(text.getBytes(StandardCharsets.UTF_8));
            if (scanned.startsWith("{")) {
                assertThat(borders(tokens(text))).isEqualTo(borders(tokensOfServer(text, scanned)));
            }
        });
    }

    private record Token(int start, int end) {}

    private static List<Token> tokens(String text) {
        List<Token> tokens = new ArrayList<>();
        for (Lexer lexer = new Lexer(text); lexer.next(); ) {
            tokens.add(new Token(lexer.start(), lexer.end()));
        }
        return tokens;
    }

    private static List<Token> tokensOfServer(String text, String scanned) throws java.io.IOException {
        Positions positions = new Positions(text);
        List<Token> tokens = new ArrayList<>();
        for (JsonNode token : JSON.readTree(scanned).path("tokens")) {
            String name = token.path("tokenName").asText();
            if (!name.equals("SQL_COMMENT") && !name.equals("C_COMMENT")) {
                tokens.add(new Token(
                        positions.ofByte(token.path("start").asInt()),
                        positions.ofByte(token.path("end").asInt())));
            }
        }
        return tokens;
    }

    /**
     * Runs of operators and punctuation are one to us and several to the server, or the other way round: joined they
     * agree.
     */
    private static List<Token> borders(List<Token> tokens) {
        List<Token> joined = new ArrayList<>();
        for (Token token : tokens) {
            if (!joined.isEmpty() && joined.getLast().end() == token.start()) {
                joined.set(joined.size() - 1, new Token(joined.getLast().start(), token.end()));
            } else {
                joined.add(token);
            }
        }
        return joined;
    }
}
