package dev.fermata.analysis.lint;

import dev.fermata.analysis.report.StatementLocks;
import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Suppressions;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.parser.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Looks at one file after the other, each for itself. Thread-safe. */
public final class Linter {
    private final SqlParser parser;
    private final RuleSet rules;
    private final Situation situation;

    public Linter(SqlParser parser, RuleSet rules, Situation situation) {
        this.parser = parser;
        this.rules = rules;
        this.situation = situation;
    }

    /**
     * @param path for the report only
     * @param bytes of the file
     */
    public LintedFile lint(String path, byte[] bytes) {
        try {
            return lint(path, SqlFile.text(bytes));
        } catch (SqlFile.NotTextException e) {
            return new LintedFile(
                    path, List.of(), new LintedFile.Unreadable(e.line(), 0, String.valueOf(e.getMessage())));
        }
    }

    /** @param sql without a byte order mark */
    public LintedFile lint(String path, String sql) {
        try {
            return look(path, sql, parser.parseScript(sql));
        } catch (SqlSyntaxException e) {
            return new LintedFile(
                    path, List.of(), new LintedFile.Unreadable(e.line(), e.column(), String.valueOf(e.getMessage())));
        } catch (SqlInputException e) {
            return new LintedFile(path, List.of(), new LintedFile.Unreadable(0, 0, String.valueOf(e.getMessage())));
        }
    }

    private LintedFile look(String path, String sql, List<Statement> statements) {
        Bodies bodies = Bodies.of(statements, parser);
        List<Finding> found = Suppressions.in(sql, statements)
                .apply(Inspection.of(statements, bodies, situation, rules), rules, situation.today());
        Map<Integer, List<Finding>> byStatement = found.stream()
                .sorted(Comparator.comparingInt(Finding::line).thenComparingInt(Finding::column))
                .collect(Collectors.groupingBy(Finding::statement));
        return new LintedFile(
                path,
                statements.stream()
                        .map(statement -> linted(
                                statement,
                                bodies.of(statement),
                                byStatement.getOrDefault(statement.index(), List.of())))
                        .toList(),
                null);
    }

    private static LintedFile.Statement linted(Statement statement, Optional<Body> body, List<Finding> findings) {
        StatementProfile profile = LockModel.profile(statement, body, LockModel.NEWEST);
        return new LintedFile.Statement(
                statement.index(),
                statement.line(),
                statement.column(),
                statement.text(),
                profile.description(),
                StatementLocks.of(profile),
                findings);
    }
}
