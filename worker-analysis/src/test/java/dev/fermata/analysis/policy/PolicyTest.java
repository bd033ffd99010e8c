package dev.fermata.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.analysis.lint.Linter;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.parser.SqlParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that a policy can wish, where it applies and where it does not. */
class PolicyTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 6, 1);
    private static final String INDEX = "CREATE INDEX i ON orders (note);";

    private static SqlParser parser;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        parser = new SqlParser(1);
    }

    @AfterAll
    static void close() {
        parser.close();
    }

    private Policy policy(String text) {
        try {
            return PolicyFile.read(Files.writeString(folder.resolve("fermata-policy.yaml"), text), RuleBook.all());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LintedFile lint(String policy, String file, String environment, String sql) {
        return new Linter(parser, policy(policy), environment, Situation.textOnly(TODAY))
                .lint(folder.resolve(file).toString(), sql);
    }

    private List<Finding> findings(String policy, String sql) {
        return lint(policy, "V1__a.sql", "", sql).findings();
    }

    private List<String> rules(String policy, String sql) {
        return findings(policy, sql).stream().map(Finding::rule).toList();
    }

    private static String own(String rest) {
        return """
            ownRules:
              - id: own-rule
                severity: medium
                what: It is not for us.
                why: We say so.
                safer: something else.
            """ + rest.indent(4);
    }

    @Test
    void aRuleThatIsSwitchedOffFindsNothing() {
        assertThat(rules("failOn: low", INDEX)).contains("index-blocks-writes");
        assertThat(rules("rules: {index-blocks-writes: off}", INDEX)).doesNotContain("index-blocks-writes");
    }

    @Test
    void aFamilyIsSwitchedOffButForTheRuleThatIsOn() {
        String sql = "CREATE TABLE fresh (id serial PRIMARY KEY, doc json);";
        assertThat(rules("", sql)).contains("json-type", "serial-type", "int-primary-key");
        assertThat(rules("rules: {'family:hygiene': off, json-type: on}", sql)).containsExactly("json-type");
        assertThat(rules("rules: {json-type: on, 'family:hygiene': off}", sql)).containsExactly("json-type");
    }

    @Test
    void anOptionalRuleIsOffUntilItIsAskedFor() {
        String sql = "ALTER TABLE public.orders ADD COLUMN a int;";
        assertThat(rules("", sql)).doesNotContain("lock-timeout-missing");
        assertThat(rules("rules: {lock-timeout-missing: on}", sql)).contains("lock-timeout-missing");
        assertThat(rules("rules: {'family:transaction': on}", sql)).contains("lock-timeout-missing");
        assertThat(rules("rules: {schema-not-qualified: on}", "ALTER TABLE orders ADD COLUMN a int;"))
                .contains("schema-not-qualified");
    }

    @Test
    void withoutAPolicyOptionalRulesAreOff() {
        assertThat(RuleBook.standard().rule("lock-timeout-missing")).isEmpty();
        assertThat(RuleBook.all().rule("lock-timeout-missing")).isPresent();
    }

    @Test
    void aCommentMayAllowWhatThePolicySwitchesOff() {
        String sql = "-- fermata:allow index-blocks-writes small\n" + INDEX;
        assertThat(rules("rules: {index-blocks-writes: off}", sql)).isEmpty();
        assertThat(lint("failOn: low", "a.sql", "", sql).suppressed())
                .extracting(SuppressedFinding::by, SuppressedFinding::reason)
                .containsExactly(tuple("comment in line 1", "small"));
    }

    @Test
    void theSeverityIsWhatThePolicySays() {
        assertThat(findings("severity: {index-blocks-writes: low}", INDEX))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.LOW);
        assertThat(findings("severity: {'family:blocking': critical}", INDEX))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.CRITICAL);
        assertThat(findings("severity: {'family:blocking': critical, index-blocks-writes: low}", INDEX))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.LOW);
        assertThat(findings("severity: {drop-table: low}", INDEX))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.HIGH);
    }

    @Test
    void theSeverityGoesByTheFirstConditionThatHolds() {
        String policy = """
            severity:
              index-blocks-writes:
                - when: environment == "production" && table.name == "orders"
                  is: critical
                - when: environment == "production"
                  is: medium
            """;
        assertThat(lint(policy, "a.sql", "production", INDEX).findings())
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.CRITICAL);
        assertThat(lint(policy, "a.sql", "production", INDEX.replace("orders", "notes"))
                        .findings())
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.MEDIUM);
        assertThat(lint(policy, "a.sql", "test", INDEX).findings())
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.HIGH);
        assertThat(lint(policy + "    - is: low\n", "a.sql", "test", INDEX).findings())
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.LOW);
    }

    @Test
    void aConditionOfASeverityWithoutAnswerLeavesTheFindingAndIsFoundItself() {
        List<Finding> findings =
                findings("severity: {index-blocks-writes: [{when: 'statement.tables[7] == \"\"', is: low}]}", INDEX);
        assertThat(findings).hasSize(2).allSatisfy(finding -> assertThat(finding.severity())
                .isEqualTo(RiskLevel.HIGH));
        assertThat(findings.getLast().message())
                .contains("a condition of the severity of this rule", "fermata-policy.yaml:1", "out of bounds: 7");
    }

    @Test
    void findingsAreSuppressedByPathRuleAndTable() {
        String policy = """
            suppress:
              - path: legacy/**
                rule: [index-blocks-writes, drop-table]
                table: orders
                reason: nobody uses it
            """;
        LintedFile file = lint(policy, "legacy/a/b.sql", "", INDEX + "DROP TABLE orders; DROP TABLE notes;");
        assertThat(file.suppressed())
                .extracting(one -> one.finding().rule(), SuppressedFinding::reason)
                .containsExactly(tuple("index-blocks-writes", "nobody uses it"), tuple("drop-table", "nobody uses it"));
        assertThat(file.suppressed().getFirst().by()).endsWith("fermata-policy.yaml:2");
        assertThat(file.findings()).extracting(Finding::table).containsOnly("public.notes");
        assertThat(lint(policy, "new/b.sql", "", INDEX).suppressed()).isEmpty();
        assertThat(lint(policy, "legacy/b.sql", "", "CREATE INDEX i ON archive.orders (a);")
                        .suppressed())
                .isEmpty();
    }

    @Test
    void aWholeFamilyIsSuppressed() {
        assertThat(rules("suppress: [{rule: 'family:blocking', reason: x}]", INDEX + "DROP TABLE a;"))
                .containsExactly("drop-table");
    }

    @Test
    void whereTheFindingNamesNoTableAllTablesOfTheStatementMustBeMeant() {
        String policy = "suppress: [{table: 'a*', reason: x}]";
        assertThat(rules(policy, "CREATE TABLE a1 (id bigint PRIMARY KEY, doc json);"))
                .isEmpty();
        assertThat(rules(policy, "CREATE TABLE b1 (id bigint PRIMARY KEY, doc json);"))
                .containsExactly("json-type");
    }

    @Test
    void aSuppressionHoldsToTheEndOfItsLastDayAndThenSaysThatItHasEnded() {
        String policy = "suppress: [{rule: index-blocks-writes, reason: x, until: %s}]";
        assertThat(findings(policy.formatted("2026-06-01"), INDEX)).isEmpty();
        assertThat(findings(policy.formatted("2026-05-31"), INDEX))
                .extracting(Finding::message)
                .singleElement()
                .asString()
                .contains("; its suppression ended on 2026-05-31 (", "fermata-policy.yaml:1)");
    }

    @Test
    void starsStayWithinAFolderAndTwoOfThemDoNot() {
        assertThat(Glob.path("a/*.sql").matcher("a/b.sql").matches()).isTrue();
        assertThat(Glob.path("a/*.sql").matcher("a/b/c.sql").matches()).isFalse();
        assertThat(Glob.path("a/").matcher("a/b/c.sql").matches()).isTrue();
        assertThat(Glob.path("**/c.sql").matcher("c.sql").matches()).isTrue();
        assertThat(Glob.path("./a/**/c?.sql").matcher("a/x/y/c1.sql").matches()).isTrue();
        assertThat(Glob.table("audit_*").matcher("public.audit_log").matches()).isTrue();
        assertThat(Glob.table("audit_*").matcher("old.audit_log").matches()).isFalse();
        assertThat(Glob.table("old.*").matcher("old.audit_log").matches()).isTrue();
    }

    @Test
    void anOwnRuleFindsWhatItsConditionHolds() {
        String policy = own("when: statement.kind == 'TRUNCATE'\nmessage: ${table.schema}.${table.name} is emptied");
        Finding finding = findings(policy, "SELECT 1; TRUNCATE old.orders;").stream()
                .filter(one -> one.rule().equals("own-rule"))
                .findFirst()
                .orElseThrow();
        assertThat(finding.message()).isEqualTo("old.orders is emptied");
        assertThat(finding.severity()).isEqualTo(RiskLevel.MEDIUM);
        assertThat(finding.statement()).isEqualTo(1);
        assertThat(finding.table()).isEqualTo("old.orders");
        assertThat(finding.docs()).isNull();
        assertThat(rules(policy, "DELETE FROM orders WHERE id = 1;")).doesNotContain("own-rule");
    }

    @Test
    void anOwnRuleAboutColumnsIndexesLocksAndTransactions() {
        assertThat(rules(
                        own("when: statement.kind == 'CREATE TABLE' && !statement.columns.exists(c, c.name"
                                + " == 'made_at')"),
                        "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY,"
                                + " made_at date);"))
                .containsExactly("own-rule");
        assertThat(rules(
                        own("when: statement.columns.exists(c, c.change == 'added' && c.type == 'text' && !c.notNull)"),
                        "ALTER TABLE t ADD COLUMN a text; ALTER TABLE t ADD COLUMN b int;"))
                .containsExactly("own-rule");
        assertThat(rules(
                        own("when: statement.inTransaction && statement.locks.exists(l, l.blocksReads)"),
                        "BEGIN; ALTER TABLE t ADD COLUMN a int; COMMIT; ALTER TABLE t ADD COLUMN b int;"))
                .containsExactly("own-rule");
        assertThat(rules(
                        own("when: statement.columns.exists(c, c.change in ['dropped', 'renamed', 'altered',"
                                + " 'indexed'])"),
                        "ALTER TABLE t RENAME a TO b;"))
                .contains("own-rule");
        assertThat(rules(own("when: statement.rewrites == 'yes' && statement.coverage == 'known'"), "VACUUM FULL t;"))
                .contains("own-rule");
        assertThat(rules(
                        own("when: fileName.startsWith('V1__') && serverVersion == 18 && statement.line == 2 &&"
                                + " !hasTarget && statement.sql.lowerAscii().matches('^select')"),
                        "SELECT 1;\nSELECT 2;"))
                .containsExactly("own-rule");
    }

    @Test
    void aRuleThatAsksAboutTheTableLooksAtEachOfThem() {
        String policy = own("when: table.name.startsWith('audit')\nmessage: about ${table.name}");
        assertThat(findings(policy, "TRUNCATE orders, audit_a, audit_b;").stream()
                        .filter(one -> one.rule().equals("own-rule")))
                .extracting(Finding::message)
                .containsExactly("about audit_a", "about audit_b");
    }

    @Test
    void whatTheChangeHasCreatedIsKnownToBeEmpty() {
        String policy = own("when: table.created && table.rows == 0");
        assertThat(findings(
                        policy, "CREATE TABLE a (id bigint PRIMARY KEY); INSERT INTO a (id) VALUES (1); DELETE FROM b"))
                .filteredOn(one -> one.rule().equals("own-rule"))
                .extracting(Finding::statement)
                .containsExactly(0, 1);
    }

    @Test
    void withoutATargetSizesAreUnknownAndBySizeIsHigh() {
        String policy = own("when: table.rows == -1 && table.bytes == -1 && table.writesPerSecond < 0.0")
                .replace("medium", "by size");
        assertThat(findings(policy, "ALTER TABLE public.orders ADD COLUMN a int;"))
                .filteredOn(one -> one.rule().equals("own-rule"))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.HIGH);
    }

    @Test
    void anExpressionWithoutAnswerIsAFindingThatNamesTheRule() {
        Finding finding =
                findings(own("when: statement.tables[3] == 'a'"), "SELECT 1;").getFirst();
        assertThat(finding.rule()).isEqualTo("own-rule");
        assertThat(finding.severity()).isEqualTo(RiskLevel.HIGH);
        assertThat(finding.message())
                .contains(
                        "the condition of this rule (",
                        "fermata-policy.yaml:2) has no answer here: Index out of bounds");
        assertThat(findings(own("when: statement.sql.matches('(')"), "SELECT 1;"))
                .extracting(Finding::message)
                .singleElement()
                .asString()
                .contains("missing closing )");
        assertThat(findings(own("when: 'true'\nmessage: ${1 / (statement.index)}"), "SELECT 1;"))
                .extracting(Finding::message)
                .singleElement()
                .asString()
                .contains("by zero");
    }

    @Test
    void anExpressionThatWouldTakeLongIsStopped() {
        String ten = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
        String nested = "a + b + c + d + e + f + g >= 0";
        for (String variable : List.of("a", "b", "c", "d", "e", "f", "g")) {
            nested = ten + ".all(" + variable + ", " + nested + ")";
        }
        assertThat(findings(own("when: \"" + nested + "\""), "SELECT 1;"))
                .extracting(Finding::message)
                .singleElement()
                .asString()
                .contains("Iteration budget exceeded");
    }

    @Test
    void anOwnRuleIsSwitchedGradedSuppressedAndAllowedLikeAnyOther() {
        String rule = own("when: 'true'");
        assertThat(rules(rule, "SELECT 1;")).containsExactly("own-rule");
        assertThat(rules(rule + "rules: {own-rule: off}", "SELECT 1;")).isEmpty();
        assertThat(rules(rule + "rules: {'family:own': off}", "SELECT 1;")).isEmpty();
        assertThat(findings(rule + "severity: {own-rule: critical}", "SELECT 1;"))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.CRITICAL);
        assertThat(rules(rule + "suppress: [{rule: 'family:own', reason: x}]", "SELECT 1;"))
                .isEmpty();
        assertThat(rules(rule, "-- fermata:allow own-rule just now\nSELECT 1;")).isEmpty();
    }

    @Test
    void examplesOfOwnRulesAreTried() {
        PolicyExamples good = tried(own("""
            when: table.rows > 1000 && environment == 'production'
            fires:
              - {sql: DROP TABLE orders, rows: {orders: 2000}, environment: production}
            passes:
              - DROP TABLE orders
              - {sql: DROP TABLE orders, rows: {orders: 2000}, environment: test}
            """));
        assertThat(good.problems()).isEmpty();
        assertThat(good.examples()).isEqualTo(3);

        PolicyExamples bad = tried(own("""
            when: statement.tables[0] == 'public.a'
            fires:
              - DROP TABLE b
              - SELECT 1
              - SELEC
            passes:
              - DROP TABLE a
            """));
        assertThat(bad.problems())
                .satisfiesExactly(
                        one -> assertThat(one)
                                .contains("fermata-policy.yaml:9: own-rule: the rule finds nothing in an example of"
                                        + " fires"),
                        one -> assertThat(one).contains(":10: own-rule: the rule has no answer for the example"),
                        one -> assertThat(one).contains(":11: own-rule: the example is no SQL"),
                        one -> assertThat(one)
                                .contains(":13: own-rule: the rule finds something in an example of passes"));
    }

    private PolicyExamples tried(String policy) {
        return PolicyExamples.tried(policy(policy), parser, Situation.textOnly(TODAY));
    }
}
