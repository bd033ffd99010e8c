package dev.fermata.analysis.lint;

import dev.fermata.analysis.policy.ChangeOrigin;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.report.StatementLocks;
import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Judged;
import dev.fermata.analysis.rule.Neighbours;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Suppressions;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.SqlSyntaxException;
import dev.fermata.postgres.parser.Statement;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Looks at one file after the other; remembers what they have to do with each other. Thread-safe. */
public final class Linter {
    private final SqlParser parser;
    private final Policy policy;
    private final String environment;
    private final Situation situation;
    private final Footprints footprints = new Footprints();

    /** These rules, without a policy. */
    public Linter(SqlParser parser, RuleSet rules, Situation situation) {
        this(parser, Policy.none(rules), "", situation);
    }

    /** @param environment that the changes are for; empty where it is not known */
    public Linter(SqlParser parser, Policy policy, String environment, Situation situation) {
        this.parser = parser;
        this.policy = policy;
        this.environment = environment;
        this.situation = situation;
    }

    /**
     * @param path for the report, and for a policy that goes by it
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

    /**
     * What those of the files that were looked at have to do with each other.
     *
     * @param order in which files run
     * @return for those only where that matters
     */
    public Map<String, Neighbours> neighbours(List<String> order) {
        return footprints.neighbours(order);
    }

    /** For a file among such others. */
    public Linter among(Neighbours neighbours) {
        return new Linter(parser, policy, environment, situation.with(neighbours));
    }

    private LintedFile look(String path, String sql, List<Statement> statements) {
        footprints.add(path, statements);
        Bodies bodies = Bodies.of(statements, parser);
        ChangeOrigin origin = policy.origin(Path.of(path), environment);
        RuleSet rules = policy.rules(origin);
        Judged allowed = Suppressions.in(sql, statements)
                .apply(Inspection.of(statements, bodies, situation, rules), rules, situation.today());
        Judged judged = policy.judge(allowed, statements, origin, situation.today());
        Map<Integer, List<Finding>> byStatement = judged.findings().stream()
                .sorted(Comparator.comparingInt(Finding::line).thenComparingInt(Finding::column))
                .collect(Collectors.groupingBy(Finding::statement));
        Map<Integer, List<SuppressedFinding>> suppressed = judged.suppressed().stream()
                .collect(Collectors.groupingBy(one -> one.finding().statement()));
        return new LintedFile(
                path,
                statements.stream()
                        .map(statement -> linted(
                                statement,
                                bodies.of(statement),
                                byStatement.getOrDefault(statement.index(), List.of()),
                                suppressed.getOrDefault(statement.index(), List.of())))
                        .toList(),
                null);
    }

    private static LintedFile.Statement linted(
            Statement statement, Optional<Body> body, List<Finding> findings, List<SuppressedFinding> suppressed) {
        StatementProfile profile = LockModel.profile(statement, body, LockModel.NEWEST);
        return new LintedFile.Statement(
                statement.index(),
                statement.line(),
                statement.column(),
                statement.text(),
                profile.description(),
                StatementLocks.of(profile),
                findings,
                suppressed);
    }
}
