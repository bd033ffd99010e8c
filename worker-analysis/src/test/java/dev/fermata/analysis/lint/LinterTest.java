package dev.fermata.analysis.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.postgres.parser.SqlParser;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinterTest {
    private static final String INDEX = "CREATE INDEX i ON orders (a);";

    private static SqlParser parser;
    private static Linter linter;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
        linter = new Linter(parser, RuleBook.standard(), Situation.textOnly(LocalDate.of(2026, 6, 1)));
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private static List<String> rules(String sql) {
        return linter.lint("f.sql", sql).findings().stream().map(Finding::rule).toList();
    }

    private static LintedFile.Unreadable error(byte[] bytes) {
        LintedFile file = linter.lint("f.sql", bytes);
        assertThat(file.statements()).isEmpty();
        return Objects.requireNonNull(file.error());
    }

    @Test
    void aFindingStandsWhereTheCommandStands() {
        String sql =
                "-- first\n  SELECT 1; ALTER TABLE orders\n    ADD COLUMN x int,\n    ALTER COLUMN y SET NOT NULL;";
        assertThat(linter.lint("f.sql", sql).findings())
                .extracting(Finding::rule, Finding::statement, Finding::line, Finding::column)
                .containsExactly(tuple("not-null-scans", 1, 4, 5));
    }

    @Test
    void onTheFirstLineOfAStatementColumnsCountFromTheStartOfTheLine() {
        assertThat(linter.lint("f.sql", "SELECT 1; ALTER TABLE orders ALTER y SET NOT NULL")
                        .findings())
                .extracting(Finding::line, Finding::column)
                .containsExactly(tuple(1, 30));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-- fermata:allow index-blocks-writes small until launch",
                "/* fermata:allow index-blocks-writes small */",
                "-- fermata:allow index-blocks-writes until 2026-06-01 small",
                "-- fermata:allow-file index-blocks-writes small"
            })
    void whatIsAllowedWithAReasonIsNotReported(String comment) {
        assertThat(rules(comment + "\n" + INDEX)).isEmpty();
    }

    @Test
    void aCommentBehindOrInsideAStatementIsForThatStatement() {
        assertThat(rules(INDEX + " -- fermata:allow index-blocks-writes small\n"
                        + INDEX.replace("i ON orders (a)", "j ON orders (b)")))
                .containsExactly("index-blocks-writes");
        assertThat(rules("CREATE INDEX -- fermata:allow index-blocks-writes small\n i ON orders (a);"))
                .isEmpty();
    }

    @Test
    void aCommentInAStringAllowsNothing() {
        assertThat(rules("SELECT '-- fermata:allow index-blocks-writes small';" + INDEX))
                .containsExactly("index-blocks-writes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "fermata:allow index-blocks-writes                          | it gives no reason",
                "fermata:allow index-blocks-writes until 2026-05-31 small   | it ended on 2026-05-31",
                "fermata:allow index-blocks-writes until May small          | 'May' is no date",
                "fermata:allow index-block-writes small                     | did you mean 'index-blocks-writes'?",
                "fermata:allow                                              | it names no rule"
            })
    void aCommentThatCannotBeUsedIsReportedAndAllowsNothing(String comment, String message) {
        List<Finding> findings =
                linter.lint("f.sql", "-- " + comment + "\n" + INDEX).findings();
        assertThat(findings).extracting(Finding::rule).containsExactly("suppression-unusable", "index-blocks-writes");
        assertThat(findings.getFirst().message()).contains(message);
        assertThat(findings.getFirst().line()).isEqualTo(1);
    }

    @Test
    void aCommentThatAllowsNothingIsReported() {
        assertThat(rules("-- fermata:allow drop-table it is empty\nSELECT 1")).containsExactly("suppression-unused");
    }

    @Test
    void givenUtf16OrBinaryWhenLintedThenItSaysSoInsteadOfASyntaxError() {
        assertThat(error("SELECT 1;".getBytes(StandardCharsets.UTF_16)).message())
                .contains("UTF-16 (expected: UTF-8)");
        assertThat(error("SELECT 1;".getBytes(StandardCharsets.UTF_16LE)).message())
                .contains("looks like UTF-16");
        assertThat(error(new byte[] {'a', '\n', 0, 'b', 'c', 'd'})).satisfies(error -> {
            assertThat(error.message()).contains("NUL byte");
            assertThat(error.line()).isEqualTo(2);
        });
        assertThat(error(new byte[] {'-', '-', '\n', (byte) 0xC3, (byte) 0x28})).satisfies(error -> {
            assertThat(error.message()).contains("not UTF-8");
            assertThat(error.line()).isEqualTo(2);
        });
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheText() {
        byte[] bytes = ("\uFEFF" + INDEX).getBytes(StandardCharsets.UTF_8);
        assertThat(linter.lint("f.sql", bytes).findings())
                .extracting(Finding::column)
                .containsExactly(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "SELECT 'open                | unterminated quoted string | 1 | 8",
                "CREATE TABLE `t` (a int)    | backtick                   | 1 | 14",
                "\\d orders                  | psql command               | 1 | 1",
                "SELECT :name                | psql variable              | 1 | 8"
            })
    void whatIsNoSqlOfPostgresSaysWhatItIsAndWhere(String sql, String message, int line, int column) {
        LintedFile.Unreadable error = error(sql.getBytes(StandardCharsets.UTF_8));
        assertThat(error.message()).contains(message);
        assertThat(error.line()).isEqualTo(line);
        assertThat(error.column()).isEqualTo(column);
    }

    @Test
    void nestingWithoutEndIsRefusedAndTheNextFileIsRead() {
        String deep = "SELECT " + "(".repeat(100_000) + "1" + ")".repeat(100_000);
        assertThat(error(deep.getBytes(StandardCharsets.UTF_8)).message()).contains("nested too deeply");
        assertThat(rules(INDEX)).containsExactly("index-blocks-writes");
    }
}
