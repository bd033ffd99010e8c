package dev.fermata.analysis.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules look inside DO blocks, and at nothing else that has a body. */
class InspectionOfBodiesTest {
    private static final SqlParser PARSER = new SqlParser(1);
    private static final Situation TEXT = Situation.textOnly(LocalDate.of(2026, 1, 1));

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    private static List<Finding> look(String sql) {
        List<Statement> statements = PARSER.parseScript(sql);
        return Inspection.of(statements, Bodies.of(statements, PARSER), TEXT, RuleBook.standard());
    }

    private static List<String> rules(String sql) {
        return look(sql).stream().map(Finding::rule).toList();
    }

    private static Finding only(String rule, String sql) {
        List<Finding> those =
                look(sql).stream().filter(one -> one.rule().equals(rule)).toList();
        assertThat(those).hasSize(1);
        return Objects.requireNonNull(those.getFirst());
    }

    @Test
    void aFindingInABlockPointsIntoTheBlock() {
        Finding finding = only("drop-table", """
            SELECT 1;
            DO $$
            BEGIN
              IF now() > '2030-01-01' THEN
                DROP TABLE orders;
              END IF;
            END $$\
            """);

        assertThat(finding.statement()).isEqualTo(1);
        assertThat(finding.line()).isEqualTo(5);
        assertThat(finding.column()).isEqualTo(5);
    }

    @Test
    void aFindingInTextThatIsExecutedPointsIntoTheText() {
        Finding finding =
                only("drop-column", "DO 'BEGIN EXECUTE format(''ALTER TABLE %I DROP note'', ''orders''); END'");

        assertThat(finding.line()).isEqualTo(1);
        assertThat(finding.column()).isEqualTo(43);
    }

    @Test
    void aFindingInABlockHasNoFixForTheFixWouldReplaceTheBlock() {
        assertThat(only("index-blocks-writes", "CREATE INDEX i ON orders (note)")
                        .fix())
                .isNotNull();
        assertThat(only("index-blocks-writes", "DO $$ BEGIN CREATE INDEX i ON orders (note); END $$")
                        .fix())
                .isNull();
    }

    @Test
    void aBlockRunsInOneTransaction() {
        assertThat(rules("DO $$ BEGIN ALTER TABLE orders ADD a int; ALTER TABLE customers ADD a int; END $$"))
                .contains("several-tables-locked");
        assertThat(rules("DO $$ BEGIN ALTER TABLE orders ADD a int; COMMIT; ALTER TABLE customers ADD a int; END $$"))
                .doesNotContain("several-tables-locked");
        assertThat(rules("DO $$ BEGIN ALTER TABLE orders ADD a int; END $$; ALTER TABLE customers ADD a int"))
                .doesNotContain("several-tables-locked");
        assertThat(rules("BEGIN; DO $$ BEGIN ALTER TABLE orders ADD a int; END $$; ALTER TABLE customers ADD a"
                        + " int; COMMIT"))
                .contains("several-tables-locked");
        assertThat(rules("DO $$ BEGIN CREATE INDEX CONCURRENTLY i ON orders (note); END $$"))
                .contains("refused-in-transaction");
        assertThat(rules("BEGIN; DO $$ BEGIN COMMIT; END $$; COMMIT")).contains("refused-in-transaction");
    }

    @Test
    void whatABlockMakesIsKnownAfterwards() {
        assertThat(rules("DO $$ BEGIN CREATE TABLE fresh (id int); END $$; DROP TABLE fresh"))
                .doesNotContain("drop-table");
        assertThat(rules("DO $$ BEGIN CREATE TABLE fresh (id int); DROP TABLE fresh; END $$"))
                .doesNotContain("drop-table");
    }

    @Test
    void whatIsSaidOfAStatementInABlockIsNotSaidOfTheBlockAgain() {
        assertThat(look("DO $$ BEGIN CALL p(); CALL q(); END $$"))
                .filteredOn(finding -> finding.rule().equals("unknown-lock"))
                .extracting(Finding::column)
                .containsExactly(13, 23);
    }

    @Test
    void opaquePlacesAreShown() {
        Finding finding = only("opaque-body", "DO $$ BEGIN\n  NULL;\n  EXECUTE 'DROP TABLE ' || current_user; END $$");

        assertThat(finding.severity()).isEqualTo(RiskLevel.HIGH);
        assertThat(finding.line()).isEqualTo(3);
        assertThat(finding.column()).isEqualTo(11);
        assertThat(finding.message())
                .isEqualTo("it is not known what this does: EXECUTE runs text that is put together when it runs");
        assertThat(rules("DO LANGUAGE plperl $$ 1 $$")).contains("opaque-body");
    }

    @Test
    void anErrorInABodyIsShownWhereItIs() {
        Finding finding = only(
                "broken-body",
                "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n  ALTER TABEL t;\nEND $$");

        assertThat(finding.line()).isEqualTo(3);
        assertThat(finding.column()).isEqualTo(9);
        assertThat(finding.message()).isEqualTo("the server will refuse it: syntax error at or near \"TABEL\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE orders; END $$",
                "CREATE PROCEDURE f() LANGUAGE sql AS 'DROP TABLE orders'",
                "CREATE PROCEDURE f() LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DROP TABLE ' || x; END $$"
            })
    void whatOnlyRunsWhenItIsCalledIsNotFound(String sql) {
        assertThat(rules(sql)).doesNotContain("drop-table", "opaque-body", "unknown-lock");
    }

    @Test
    void withoutBodiesABlockIsUnknown() {
        List<Statement> statements = PARSER.parseScript("DO $$ BEGIN NULL; END $$");

        assertThat(Inspection.of(statements, Bodies.none(), TEXT, RuleBook.standard()))
                .extracting(Finding::rule)
                .contains("unknown-lock");
    }
}
