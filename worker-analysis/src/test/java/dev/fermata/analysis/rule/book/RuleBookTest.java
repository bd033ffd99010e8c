package dev.fermata.analysis.rule.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.rule.Example;
import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.parser.SqlParser;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule on its own examples, as far as the text alone decides; {@link RuleBookOnServerTest} has the rest. */
class RuleBookTest {
    private static final Situation TEXT = Situation.textOnly(LocalDate.of(2026, 1, 1));

    private static SqlParser parser;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    static Stream<Arguments> fires() {
        return textOnly(true);
    }

    static Stream<Arguments> passes() {
        return textOnly(false);
    }

    private static Stream<Arguments> textOnly(boolean fires) {
        return RuleBook.all().rules().stream().flatMap(rule -> (fires ? rule.fires() : rule.passes())
                .stream()
                        .filter(example -> example.situation().isEmpty())
                        .map(example -> Arguments.of(rule.id(), example.sql())));
    }

    private static List<Finding> look(String rule, String sql) {
        return Fixes.findings(parser, TEXT, sql).stream()
                .filter(finding -> finding.rule().equals(rule))
                .toList();
    }

    @ParameterizedTest
    @MethodSource
    void fires(String rule, String sql) {
        assertThat(look(rule, sql)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void passes(String rule, String sql) {
        assertThat(look(rule, sql)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("fires")
    void whatAFixSaysIsNotFoundAgainAndBringsNothingWorse(String rule, String sql) {
        for (Finding finding : look(rule, sql)) {
            Optional.ofNullable(finding.fix())
                    .ifPresent(fix -> assertThat(Fixes.newFindings(parser, TEXT, sql, finding))
                            .as(fix)
                            .noneMatch(found -> found.rule().equals(rule) && found.statement() == finding.statement())
                            .noneMatch(found -> found.severity().compareTo(RiskLevel.MEDIUM) >= 0));
        }
    }

    @Test
    void everyRuleSaysWhatWhyAndWhatIsSaferInSentences() {
        assertThat(RuleBook.all().rules()).allSatisfy(rule -> {
            assertThat(rule.what()).as(rule.id()).endsWith(".").hasSizeGreaterThan(20);
            assertThat(rule.why()).as(rule.id()).endsWith(".").hasSizeGreaterThan(20);
            assertThat(rule.safer()).as(rule.id()).endsWith(".").hasSizeGreaterThan(5);
        });
    }

    @Test
    void everyFamilyHasItsRules() {
        assertThat(RuleBook.all().rules())
                .extracting(Rule::family)
                .containsAll(EnumSet.complementOf(EnumSet.of(Family.OWN)));
    }

    @Test
    void exampleScriptsParse() {
        assertThat(RuleBook.all().rules().stream()
                        .flatMap(rule -> Stream.concat(rule.fires().stream(), rule.passes().stream()))
                        .map(Example::sql))
                .allSatisfy(sql -> assertThat(parser.parseScript(sql)).isNotEmpty());
    }
}
