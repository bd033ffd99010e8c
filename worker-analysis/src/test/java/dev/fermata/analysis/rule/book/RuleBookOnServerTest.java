package dev.fermata.analysis.rule.book;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.analysis.rule.Example;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Target;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.context.TargetContext;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of every rule on the example database: what the rule says, and what the server does. */
class RuleBookOnServerTest {
    private static SqlParser parser;
    private static TestDatabase shop;
    private static Target target;

    @BeforeAll
    static void open() throws IOException, SQLException {
        parser = new SqlParser(1);
        shop = RealPostgres.shared().newDatabase();
        try (InputStream script = RuleBookOnServerTest.class.getResourceAsStream("../shop.sql")) {
            shop.execute(new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8));
        }
        shop.execute("analyze");
        try (Connection connection = shop.connect()) {
            target = Target.of(
                    SchemaReader.read(connection), TableStats.all(connection), TargetContext.AT_REST, Map.of());
        }
    }

    @AfterAll
    static void close() {
        shop.close();
        parser.close();
    }

    private static Stream<Arguments> examples(boolean fires) {
        return RuleBook.all().rules().stream().flatMap(rule -> (fires ? rule.fires() : rule.passes())
                .stream().map(example -> Arguments.of(rule.id(), example.sql(), example)));
    }

    static Stream<Arguments> fires() {
        // Where the text alone leaves it open, the example database answers.
        return examples(true)
                .filter(one -> !one.get()[0].equals("type-change-may-rewrite")
                        || ((Example) one.get()[2]).situation().isPresent());
    }

    static Stream<Arguments> passes() {
        return examples(false);
    }

    private static Situation situation(Example example) {
        Situation atRest = Situation.textOnly(LocalDate.of(2026, 1, 1)).with(target);
        return example.situation().map(one -> one.change().apply(atRest)).orElse(atRest);
    }

    private static Rule.OnServer onServer(String rule) {
        return RuleBook.all().rule(rule).orElseThrow().onServer();
    }

    private static List<Finding> look(String rule, Example example) {
        return Fixes.findings(parser, situation(example), example.sql()).stream()
                .filter(finding -> finding.rule().equals(rule))
                .toList();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void fires(String rule, String sql, Example example) throws SQLException {
        List<Finding> findings = look(rule, example);

        assertThat(findings).as(rule + ": " + sql).isNotEmpty();
        Rule.OnServer expected = onServer(rule);
        if (expected != Rule.OnServer.NOT_TRIED) {
            try (Copy copy = Copy.of(shop)) {
                assertThat(copy.run(parser, sql).isEmpty()).isEqualTo(expected == Rule.OnServer.ACCEPTED);
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void passes(String rule, String sql, Example example) throws SQLException {
        assertThat(look(rule, example)).as(rule + ": " + sql).isEmpty();
        if (onServer(rule) != Rule.OnServer.NOT_TRIED) {
            try (Copy copy = Copy.of(shop)) {
                assertThat(copy.run(parser, sql)).as("what the server says").isEmpty();
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("fires")
    void aFixDoesTheSameAndBringsNothingNew(String rule, String sql, Example example) throws SQLException {
        List<Finding> findings =
                look(rule, example).stream().filter(one -> one.fix() != null).toList();
        for (Finding finding : findings) {
            String fixed = Fixes.applied(parser, sql, finding);
            assertThat(Fixes.newFindings(parser, situation(example), sql, finding))
                    .as(fixed)
                    .noneMatch(found -> found.rule().equals(rule) && found.statement() == finding.statement())
                    .noneMatch(found -> found.severity().compareTo(RiskLevel.MEDIUM) >= 0);
            try (Copy asWritten = Copy.of(shop);
                    Copy mended = Copy.of(shop)) {
                assertThat(asWritten.run(parser, sql)).isEmpty();
                assertThat(mended.run(parser, fixed)).as(fixed).isEmpty();
                assertThat(mended.snapshot()).as(fixed).isEqualTo(asWritten.snapshot());
            }
        }
    }

    /** A copy of the example database, for one script. */
    private record Copy(TestDatabase original, String name) implements AutoCloseable {
        private static int number;

        static Copy of(TestDatabase original) throws SQLException {
            String name = original.name() + "_" + number++;
            RealPostgres.shared()
                    .execute("create database " + name + " template " + original.name() + " owner " + original.user()
                            + " strategy file_copy");
            return new Copy(original, name);
        }

        private Connection connect() throws SQLException {
            return DriverManager.getConnection(
                    RealPostgres.shared().jdbcUrl(name), original.user(), original.password());
        }

        /** Statement by statement; empty if all of it ran, else what the server said. */
        List<String> run(SqlParser parser, String sql) throws SQLException {
            List<String> errors = new ArrayList<>();
            try (Connection connection = connect();
                    java.sql.Statement statement = connection.createStatement()) {
                for (Statement one : parser.parseScript(sql)) {
                    statement.execute(one.text());
                }
            } catch (SQLException e) {
                errors.add(e.getMessage());
            }
            return errors;
        }

        CatalogSnapshot snapshot() throws SQLException {
            try (Connection connection = connect()) {
                return CatalogSnapshot.read(connection);
            }
        }

        @Override
        public void close() throws SQLException {
            RealPostgres.shared().execute("drop database " + name + " with (force)");
        }
    }
}
