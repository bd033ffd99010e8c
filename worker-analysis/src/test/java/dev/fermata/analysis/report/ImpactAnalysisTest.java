package dev.fermata.analysis.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.analysis.TargetReader;
import dev.fermata.analysis.estimate.Calibration;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.AffectedTable;
import dev.fermata.contracts.impact.Compatibility;
import dev.fermata.contracts.impact.Compatibility.Breaks;
import dev.fermata.contracts.impact.DataCheck;
import dev.fermata.contracts.impact.Dependant;
import dev.fermata.contracts.impact.Estimate;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.preflight.Preflight;
import dev.fermata.postgres.preflight.PreflightLimits;
import dev.fermata.postgres.preflight.PreflightReader;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report on a real database. */
class ImpactAnalysisTest {
    private static SqlParser parser;
    private static TestDatabase shop;

    @BeforeAll
    static void open() throws SQLException {
        parser = new SqlParser(1);
        shop = RealPostgres.shared().newDatabase();
        shop.execute("""
            create table customers (id bigint generated always as identity primary key, name text);
            create table orders (id bigint primary key, customer bigint references customers, note text, amount int);
            create index by_note on orders (note);
            create view totals as select customer, sum(amount) as total from orders group by customer;
            create function newest() returns bigint language plpgsql as 'begin return (select max(id) from orders); end';
            create table events (at date not null) partition by range (at);
            create table events_1 partition of events for values from ('2026-01-01') to ('2027-01-01');
            insert into customers (name) select 'n' || i from generate_series(1, 100) i;
            insert into orders select i, i % 100 + 1, case when i % 7 <> 0 then 'x' || i end, i from
              generate_series(1, 10000) i;
            analyze;
            """);
    }

    @AfterAll
    static void close() {
        shop.close();
        parser.close();
    }

    private static ImpactReport report(String sql) throws SQLException {
        try (Connection connection = shop.connect()) {
            TargetReader.Reading reading = new TargetReader().read("shop", connection);
            Change change = Change.of("change", sql, parser);
            var answers = PreflightReader.ask(
                    connection,
                    Preflight.questions(
                            change.statements(),
                            reading.majorVersion(),
                            reading.target().schema()),
                    PreflightLimits.standard());
            return ImpactAnalysis.report(
                    change,
                    reading.serverVersion(),
                    "test",
                    Situation.textOnly(LocalDate.of(2026, 1, 1))
                            .with(reading.majorVersion())
                            .with(reading.target()),
                    Policy.none(RuleBook.standard()),
                    new Evidence(Calibration.NONE, Map.of(), answers),
                    Instant.EPOCH);
        }
    }

    @Test
    void locksNameSecondTablesAndPartitionsThatTheTextDoesNotName() throws SQLException {
        assertThat(report("DROP TABLE orders CASCADE").statements().getFirst().locks())
                .extracting(RelationLock::relation, RelationLock::mode)
                .contains(
                        tuple("public.orders", "ACCESS EXCLUSIVE"),
                        tuple("public.customers", "ACCESS EXCLUSIVE"),
                        tuple("public.totals", "ACCESS EXCLUSIVE"))
                .doesNotContain(tuple("public.orders_pkey", "ACCESS EXCLUSIVE"));
        assertThat(report("ALTER TABLE events ADD COLUMN a int")
                        .statements()
                        .getFirst()
                        .locks())
                .extracting(RelationLock::relation)
                .containsExactlyInAnyOrder("public.events", "public.events_1");
        assertThat(report("DROP INDEX by_note").statements().getFirst().locks())
                .extracting(RelationLock::relation)
                .containsExactlyInAnyOrder("public.by_note", "public.orders");
    }

    @Test
    void rowsThatStandAgainstTheChangeAreCountedAndRaiseTheRisk() throws SQLException {
        ImpactReport report = report("SELECT 1;\nALTER TABLE orders ALTER COLUMN note SET NOT NULL");

        assertThat(report.dataChecks())
                .extracting(DataCheck::statement, DataCheck::kind, DataCheck::result, DataCheck::rows)
                .containsExactly(tuple(1, "not-null", DataCheck.Result.COUNTED, 1428L));
        assertThat(report.findings())
                .filteredOn(finding -> finding.rule().equals("data-stands-against"))
                .extracting(Finding::severity, Finding::line, Finding::table)
                .containsExactly(tuple(RiskLevel.HIGH, 2, "public.orders"));
        assertThat(report.redFlags()).extracting(RedFlag::code).contains("data-stands-against");
        assertThat(report.risk()).isEqualTo(RiskLevel.HIGH);
    }

    @Test
    void rowsThatFitRaiseNothing() throws SQLException {
        ImpactReport report = report("ALTER TABLE orders ALTER COLUMN amount SET NOT NULL");

        assertThat(report.dataChecks())
                .extracting(DataCheck::result, DataCheck::rows)
                .containsExactly(tuple(DataCheck.Result.COUNTED, 0L));
        assertThat(report.findings()).noneMatch(finding -> finding.rule().startsWith("data-"));
    }

    @Test
    void whatDependsOnTheTableIsListedWithItsCertainty() throws SQLException {
        assertThat(report("ALTER TABLE orders ADD COLUMN a int").dependants())
                .extracting(Dependant::kind, Dependant::name, Dependant::certain)
                .contains(tuple("view", "public.totals", true), tuple("function", "public.newest", false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DROP TABLE orders CASCADE | QUERIES",
                "ALTER TABLE orders DROP COLUMN note | QUERIES",
                "ALTER TABLE orders RENAME COLUMN note TO remark | QUERIES",
                "ALTER TABLE orders RENAME TO sales | QUERIES",
                "ALTER TABLE orders SET SCHEMA archive | QUERIES",
                "ALTER TABLE orders ENABLE ROW LEVEL SECURITY | QUERIES",
                "REVOKE SELECT ON orders FROM public | QUERIES",
                "ALTER TABLE orders ALTER COLUMN amount SET NOT NULL | WRITES",
                "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0) NOT VALID | WRITES",
                "CREATE UNIQUE INDEX u ON orders (note) | WRITES",
                "ALTER TABLE orders ALTER COLUMN amount TYPE bigint | PREPARED_STATEMENTS",
                "ALTER TABLE orders ADD COLUMN a int | PREPARED_STATEMENTS"
            })
    void whatBreaksInTheApplicationIsSaid(String sql, Breaks breaks) throws SQLException {
        assertThat(report(sql).compatibility())
                .extracting(Compatibility::breaks)
                .containsExactly(breaks);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE INDEX i ON orders (amount)",
                "CREATE TABLE fresh (a int not null); ALTER TABLE fresh ADD COLUMN b int NOT NULL; DROP TABLE fresh",
                "COMMENT ON TABLE orders IS 'x'",
                "GRANT SELECT ON orders TO public",
                "ALTER TABLE orders ALTER COLUMN note DROP NOT NULL"
            })
    void whatBreaksNothingSaysNothing(String sql) throws SQLException {
        assertThat(report(sql).compatibility()).isEmpty();
    }

    @Test
    void estimatesGrowWithTheWorkAndSayWhatTheyRestOn() throws SQLException {
        ImpactReport report = report("""
            COMMENT ON TABLE orders IS 'x';
            ALTER TABLE orders ADD CONSTRAINT c CHECK (amount > 0);
            CREATE INDEX i ON orders (amount);
            CREATE INDEX j ON orders (note);
            ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
            UPDATE orders SET amount = 1
            """);
        assertThat(report.statements())
                .extracting(StatementImpact::estimate)
                .extracting(Estimate::operation)
                .containsExactly("catalog", "scan", "index", "index-text", "rewrite", "update");
        assertThat(report.statements())
                .extracting(StatementImpact::estimate)
                .extracting(Estimate::likely)
                .isSorted();
        assertThat(report.statements()).extracting(StatementImpact::estimate).allSatisfy(estimate -> {
            assertThat(estimate.least()).isLessThanOrEqualTo(estimate.likely());
            assertThat(estimate.most()).isGreaterThanOrEqualTo(estimate.likely());
            assertThat(estimate.basis()).contains("no earlier order has tested it on this target");
        });
        Estimate rewrite = Objects.requireNonNull(report.statements().get(4).estimate());
        assertThat(rewrite.walBytes()).isPositive();
        assertThat(rewrite.diskBytes()).isPositive();
    }

    @Test
    void tablesThatTheChangeMakesAreListedAsNew() throws SQLException {
        assertThat(report("CREATE TABLE fresh (id int); CREATE INDEX ON orders (amount)")
                        .tables())
                .extracting(AffectedTable::displayName, AffectedTable::created)
                .containsExactlyInAnyOrder(tuple("public.fresh", true), tuple("public.orders", false));
    }

    @Test
    void sequencesAndOrphansAreAskedForAndAnswerWellBeforehand() throws SQLException {
        ImpactReport report = report("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE customers ADD COLUMN a int");

        assertThat(report.validations())
                .extracting(ValidationQuery::name)
                .contains("position of sequence public.customers_id_seq", "orphans public.orders orders_customer_fkey");
        for (ValidationQuery query : report.validations()) {
            assertThat(shop.ask(query.sql())).as(query.name()).matches("-?\\d+");
            if (query.expect() == ValidationQuery.Expectation.IS_ZERO) {
                assertThat(shop.ask(query.sql())).as(query.name()).isEqualTo("0");
            }
        }
    }

    @Test
    void whatTheServerWillRefuseIsNotedBeforeItIsTried() throws SQLException {
        assertThat(report("ALTER TABLE orders ALTER COLUMN customer TYPE text")
                        .statements()
                        .getFirst()
                        .notes())
                .anyMatch(note -> note.startsWith("the server will refuse it"));
        assertThat(report("DROP VIEW totals; ALTER TABLE orders ALTER COLUMN customer TYPE text")
                        .statements()
                        .get(1)
                        .notes())
                .noneMatch(note -> note.startsWith("the server will refuse it"));
    }
}
