package dev.fermata.postgres.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fermata.postgres.parser.SqlRefusedException.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostileInputTest {
    private static final SqlParser PARSER = new SqlParser(1);

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    @AfterEach
    void parserStillWorks() {
        assertThat(PARSER.parseScript("select 1")).hasSize(1);
    }

    static Stream<Named<IntFunction<String>>> nestings() {
        return Stream.of(
                Named.of("parentheses", n -> "select " + "(".repeat(n) + "1" + ")".repeat(n)),
                Named.of("sums", n -> "select " + "1+".repeat(n) + "1"),
                Named.of("calls", n -> "select " + "f(".repeat(n) + "1" + ")".repeat(n)),
                Named.of("unions", n -> "select 1" + " union all select 1".repeat(n)),
                Named.of("subselects", n -> "select " + "(select ".repeat(n) + "1" + ")".repeat(n)),
                Named.of("negations", n -> "select " + "not ".repeat(n) + "true"),
                Named.of("subscripts", n -> "select a[" + "b[".repeat(n) + "1" + "]".repeat(n) + "]"));
    }

    @ParameterizedTest
    @MethodSource("nestings")
    void takesWhatPeopleNest(IntFunction<String> nesting) {
        assertThat(PARSER.parseScript(nesting.apply(300))).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("nestings")
    void refusesWhatIsNestedTooDeeply(IntFunction<String> nesting) {
        for (int depth : new int[] {20_000, 200_000}) {
            SqlRefusedException refusal = refusal(PARSER, nesting.apply(depth));
            assertThat(refusal.reason()).isIn(Reason.TOO_DEEP, Reason.TOO_LARGE);
        }
    }

    @Test
    void treesThatAreAcceptedCanBeWalkedByRecursion() {
        Statement deepest =
                PARSER.parseScript("select " + "1+".repeat(900) + "1").getFirst();
        assertThat(deepest.node().findValues("ival")).hasSize(901);
        assertThat(deepest.node().deepCopy().equals(deepest.node())).isTrue();
    }

    @Test
    void refusesNulCharacters() {
        assertThat(refusal(PARSER, "select 1;\0 drop table t").reason()).isEqualTo(Reason.NUL_CHARACTER);
    }

    @Test
    void refusesTextOverItsSizeInBytes() {
        SqlParser small = new SqlParser(1, 20, Duration.ofSeconds(10));
        assertThat(small.parseScript("select 'éééé'")).hasSize(1);
        assertThat(refusal(small, "select 'éééééééé'").reason()).isEqualTo(Reason.TOO_LARGE);
        small.close();
    }

    @Test
    void refusesATreeThatWouldFillTheMemory() {
        String manyConstants = "select " + "1,".repeat(2_000_000) + "1";
        assertThat(refusal(PARSER, manyConstants).reason()).isIn(Reason.TOO_LARGE, Reason.TOO_SLOW);
    }

    @Test
    void givesUpWhenTheTimeIsOver() {
        SqlParser hasty = new SqlParser(1, SqlParser.DEFAULT_MAX_BYTES, Duration.ofMillis(20));
        SqlRefusedException refusal = refusal(hasty, "select 'x';".repeat(200_000));
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_SLOW);
        hasty.close();
    }

    @ParameterizedTest
    @MethodSource
    void unterminatedTextIsASyntaxError(String sql) {
        assertThat(catchThrowableOfType(SqlSyntaxException.class, () -> PARSER.parseScript(sql)))
                .isNotNull();
    }

    static Stream<String> unterminatedTextIsASyntaxError() {
        return Stream.of(
                "select 'a",
                "select \"a",
                "select $x$ a $y$",
                "select /* /* */",
                "select E'\\",
                "select U&'\\d8",
                "$",
                "\\",
                "select '" + "a".repeat(1_000_000),
                "\uFEFFselect",
                "select \uD800 1 1",
                "select U&'\\D800'");
    }

    @Test
    void closedParserSaysSo() {
        SqlParser closed = new SqlParser(1);
        closed.close();
        assertThat(catchThrowableOfType(IllegalStateException.class, () -> closed.parseScript("select 1")))
                .hasMessage("the SQL parser is closed");
    }

    private static SqlRefusedException refusal(SqlParser parser, String sql) {
        return Objects.requireNonNull(
                catchThrowableOfType(SqlRefusedException.class, () -> parser.parseScript(sql)), "accepted");
    }
}
