package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a body holds, looking at it ends in time with a value, and what was not seen is said to be opaque. */
class HostileBodyTest {
    private static final SqlParser PARSER = new SqlParser(1);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    @AfterEach
    void parserStillWorks() {
        assertThat(body("begin truncate t; end").isKnown()).isTrue();
    }

    private static Body body(String body) {
        return Body.of(PARSER.parseScript("DO $body$" + body + "$body$").getFirst(), PARSER)
                .orElseThrow();
    }

    static Stream<Named<String>> hostile() {
        return Stream.of(
                Named.of("deep blocks", "begin ".repeat(50_000) + "null; " + "end; ".repeat(50_000)),
                Named.of("deep branches", "begin " + "if a then ".repeat(20_000) + "end if; ".repeat(20_000) + "end"),
                Named.of(
                        "deep parentheses", "begin perform " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + "; end"),
                Named.of("deep sum", "begin perform f(" + "1+".repeat(100_000) + "1); end"),
                Named.of("long chain of constants", "begin execute 'a'" + "||'a'".repeat(20_000) + "; end"),
                Named.of("many calls", "begin " + "perform f(1);\n".repeat(100_000) + "end"),
                Named.of("many calls on a line", "begin " + "perform f(1);".repeat(100_000) + "end"),
                Named.of("many errors", "begin " + "execute 'tuncate';\n".repeat(100_000) + "end"),
                Named.of("a late error", "begin " + "null;".repeat(300_000) + " tuncate t; end"),
                Named.of("no end", "begin " + "if a then ".repeat(100_000)),
                Named.of("one endless string", "begin execute '" + "a".repeat(1_000_000)));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void whatCannotBeSeenIsOpaque(String text) {
        Body body = body(text);

        assertThat(body.isKnown() ? body.statements().size() : 1).isPositive();
        assertThat(body.runsAtOnce()).isTrue();
    }

    @Test
    void aBodyThatTakesTooLongIsOpaqueAsAWhole() {
        try (SqlParser hasty = new SqlParser(1, SqlParser.DEFAULT_MAX_BYTES, Duration.ofMillis(400))) {
            Statement statement = PARSER.parseScript(
                            "select 1;\n do $$ begin " + "perform f(1);".repeat(300_000) + " end $$")
                    .getLast();

            Body body = Body.of(statement, hasty).orElseThrow();

            assertThat(body.statements()).isEmpty();
            assertThat(body.opaque()).singleElement().satisfies(place -> {
                assertThat(place.reason()).isEqualTo(OpaquePlace.Reason.LIMIT);
                assertThat(place.line()).isEqualTo(2);
                assertThat(place.column()).isEqualTo(2);
            });
        }
    }

    @Test
    void blocksInBlocksAreOpenedUpToADepth() {
        String body = "begin truncate t; end";
        for (int i = 0; i < 12; i++) {
            body = "begin execute $e%d$do $d%d$%s$d%d$$e%d$; end".formatted(i, i, body, i, i);
        }

        assertThat(body(body).opaque()).extracting(OpaquePlace::reason).containsExactly(OpaquePlace.Reason.LIMIT);
    }

    /** Bodies with characters taken out, doubled and swapped: never an exception, and all places are in the script. */
    @Test
    void mutilatedBodiesAreValuesToo() {
        String whole = """
            <<l>> declare n int := (select 1); c cursor for select 2; begin if f(n) then execute 'x' || n; end if;
            for n in select * from é loop perform g('é', $q$ a $q$); end loop l; case n when h(1) then null; end case;
            execute format('alter table %I', 'a''b'); begin commit; exception when others then raise; end; end\
            """;
        Random random = new Random(7);
        for (int i = 0; i < 400; i++) {
            StringBuilder text = new StringBuilder(whole);
            for (int j = random.nextInt(4); j >= 0; j--) {
                int at = random.nextInt(text.length() - 20);
                switch (random.nextInt(3)) {
                    case 0 -> text.delete(at, at + 1 + random.nextInt(15));
                    case 1 -> text.insert(at, text.substring(at, at + random.nextInt(20)));
                    default -> text.insert(at, ";'\"$()\\\n%".charAt(random.nextInt(9)));
                }
            }
            Body body = body(text.toString());
            for (BodyStatement one : body.statements()) {
                assertThat(one.line(0)).isEqualTo(one.statement().line());
                assertThat(one.column(0)).isEqualTo(one.statement().column());
                assertThat(one.line(one.statement().text().length())).isGreaterThanOrEqualTo(one.line(0));
            }
        }
    }
}
