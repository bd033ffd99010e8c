package dev.fermata.analysis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.lint.Linter;
import dev.fermata.analysis.report.Change;
import dev.fermata.analysis.report.Evidence;
import dev.fermata.analysis.report.ImpactAnalysis;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Target;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy where the database is known: what the analysis worker reports, and that lint says the same. */
class PolicyOnServerTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 6, 1);

    private static SqlParser parser;
    private static TestDatabase database;
    private static Situation situation;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws IOException, SQLException {
        parser = new SqlParser(1);
        database = RealPostgres.shared().newDatabase();
        database.execute("create table big (id bigint primary key, note text)");
        database.execute("insert into big select n, 'x' from generate_series(1, 20000) n");
        database.execute("create table small (id bigint primary key)");
        database.execute("create table parts (id bigint) partition by range (id)");
        database.execute("create table part_1 partition of parts for values from (0) to (9999999)");
        database.execute("insert into parts select n from generate_series(1, 20000) n");
        database.execute("analyze");
        try (Connection connection = database.connect()) {
            situation = Situation.textOnly(TODAY)
                    .with(Target.of(
                            SchemaReader.read(connection),
                            TableStats.all(connection),
                            TargetContext.AT_REST,
                            Map.of()));
        }
    }

    @AfterAll
    static void close() {
        database.close();
        parser.close();
    }

    private Policy policy(String text) throws IOException {
        return PolicyFile.read(Files.writeString(folder.resolve("fermata-policy.yaml"), text), RuleBook.all());
    }

    private ImpactReport report(String policy, String sql) throws IOException {
        return ImpactAnalysis.report(
                Change.of("grow-big", sql, parser),
                180_000,
                "production",
                situation,
                policy(policy),
                Evidence.NONE,
                Instant.EPOCH);
    }

    private static String own(String when) {
        return """
            ownRules:
              - id: big-tables-by-night
                severity: by size
                what: A big table is altered.
                why: It is read all day.
                safer: a window at night.
                message: ${table.name} has ${table.rows} rows
                when: %s
            """.formatted(when);
    }

    @Test
    void sizesAreThoseOfTheDatabaseAndGradeTheFinding() throws IOException {
        String policy = own("hasTarget && environment == 'production' && table.rows > 10000 && table.bytes > 100000");
        Finding finding =
                report(policy, "ALTER TABLE small ADD COLUMN a int; ALTER TABLE big ADD COLUMN a int;")
                        .findings()
                        .stream()
                        .filter(one -> one.rule().equals("big-tables-by-night"))
                        .findFirst()
                        .orElseThrow();
        assertThat(finding.message()).isEqualTo("big has 20000 rows");
        assertThat(finding.severity()).isEqualTo(RiskLevel.MEDIUM);
        assertThat(finding.statement()).isEqualTo(1);
        assertThat(report(policy, "ALTER TABLE parts ADD COLUMN a int;").findings())
                .as("the rows of its partitions")
                .extracting(Finding::message)
                .contains("parts has 20000 rows");
        assertThat(report(policy.replace("'production'", "'test'"), "ALTER TABLE big ADD COLUMN a int;")
                        .findings())
                .extracting(Finding::rule)
                .doesNotContain("big-tables-by-night");
    }

    @Test
    void locksAreThoseThatTheDatabaseTakes() throws IOException {
        String policy = own("statement.locks.exists(l, l.relation == 'public.big_pkey' && l.blocksReads)");
        assertThat(report(policy, "DROP TABLE big").findings())
                .extracting(Finding::rule)
                .contains("big-tables-by-night");
        assertThat(report(policy, "DROP TABLE small").findings())
                .extracting(Finding::rule)
                .doesNotContain("big-tables-by-night");
    }

    @Test
    void whatIsSuppressedDoesNotCountForTheRiskAndIsReportedWithItsReason() throws IOException {
        String sql = "DROP TABLE big;";
        assertThat(report("failOn: low", sql).risk()).isGreaterThanOrEqualTo(RiskLevel.HIGH);

        ImpactReport report = report("suppress: [{path: grow-*, table: big, reason: copied last week}]", sql);

        assertThat(report.risk()).isEqualTo(RiskLevel.LOW);
        assertThat(report.redFlags()).isEmpty();
        assertThat(report.suppressed())
                .isNotEmpty()
                .extracting(SuppressedFinding::reason)
                .containsOnly("copied last week");
        assertThat(report("suppress: [{path: shrink-*, reason: x}]", sql).suppressed())
                .isEmpty();
        assertThat(report("suppress: [{path: grow-*, reason: x, until: 2026-05-31}]", sql)
                        .findings())
                .extracting(Finding::message)
                .anySatisfy(message -> assertThat(message).contains("its suppression ended on 2026-05-31"));
    }

    @Test
    void lintAndTheWorkerFindTheSame() throws IOException {
        String policy = own("table.rows > 10000") + """
            rules: {schema-not-qualified: on, 'family:blocking': off}
            severity: {drop-column: [{when: table.rows > 10000, is: critical}]}
            suppress: [{rule: drop-table, table: small, reason: x}]
            """;
        String sql = "ALTER TABLE big DROP COLUMN note; DROP TABLE small; CREATE INDEX i ON big (id);";

        List<Finding> linted = new Linter(parser, policy(policy), "production", situation)
                .lint(folder.resolve("a.sql").toString(), sql)
                .findings();

        assertThat(linted)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(report(policy, sql).findings());
        assertThat(linted)
                .filteredOn(one -> one.rule().equals("drop-column"))
                .extracting(Finding::severity)
                .containsExactly(RiskLevel.CRITICAL);
    }
}
