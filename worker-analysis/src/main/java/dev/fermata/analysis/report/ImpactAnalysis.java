package dev.fermata.analysis.report;

import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.book.RuleBook;
import dev.fermata.contracts.impact.AffectedTable;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** From statements and statistics to the report. Pure. */
public final class ImpactAnalysis {
    private final Map<QualifiedName, TableStats> stats = new LinkedHashMap<>();
    private final Set<QualifiedName> created = new LinkedHashSet<>();
    private final List<StatementImpact> statements = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final Map<QualifiedName, AffectedTable> tables = new TreeMap<>();

    private ImpactAnalysis(List<TableStats> all) {
        all.forEach(table -> stats.put(table.name(), table));
    }

    /**
     * @param bodies of the statements
     * @param all statistics of the tables of the target
     * @param serverVersion as {@code server_version_num}
     */
    public static ImpactReport report(
            List<Statement> statements,
            Bodies bodies,
            List<TableStats> all,
            int serverVersion,
            String environment,
            Situation situation,
            Instant now) {
        ImpactAnalysis analysis = new ImpactAnalysis(all);
        statements.forEach(statement -> analysis.look(statement, bodies));
        analysis.findings.addAll(Inspection.of(statements, bodies, situation, RuleBook.standard()));
        List<Statement> withThoseInBlocks = statements.stream()
                .flatMap(statement -> Stream.concat(
                        Stream.of(statement), bodies.runBy(statement).stream().map(BodyStatement::statement)))
                .toList();
        return analysis.report(withThoseInBlocks, serverVersion, environment, now);
    }

    private void look(Statement statement, Bodies bodies) {
        StatementProfile profile = LockModel.profile(statement, bodies.of(statement), LockModel.NEWEST);
        List<QualifiedName> relations = profile.locks().stream()
                .map(lock -> named(lock.relation()))
                .distinct()
                .toList();
        for (QualifiedName relation : relations) {
            TableStats table = stats.get(relation);
            if (table != null) {
                tables.put(relation, affected(table));
            }
        }
        statements.add(impact(statement, profile));
        makes(statement);
        bodies.runBy(statement).stream().map(BodyStatement::statement).forEach(this::makes);
    }

    private void makes(Statement statement) {
        if (statement.kind().equals("CreateStmt")) {
            QualifiedName table = named(new WrittenName(
                    statement.node().path("relation").path("schemaname").asText(""),
                    statement.node().path("relation").path("relname").asText()));
            if (!stats.containsKey(table)) {
                created.add(table);
                tables.put(table, new AffectedTable(table.schema(), table.name(), 0, 0, true));
            }
        }
    }

    private static QualifiedName named(WrittenName name) {
        return new QualifiedName(name.schema().isEmpty() ? "public" : name.schema(), name.name());
    }

    private static AffectedTable affected(TableStats table) {
        return new AffectedTable(
                table.name().schema(),
                table.name().name(),
                table.analyzed() ? table.estimatedRows() : -1,
                table.totalBytes(),
                false);
    }

    private static StatementImpact impact(Statement statement, StatementProfile profile) {
        return new StatementImpact(
                statement.index(),
                statement.line(),
                statement.column(),
                statement.text(),
                profile.description(),
                StatementLocks.of(profile),
                profile.runsInTransaction(),
                profile.locks().stream().anyMatch(lock -> lock.rewrites() == Likelihood.YES),
                profile.locks().stream().anyMatch(lock -> lock.scans() == Likelihood.YES));
    }

    private ImpactReport report(List<Statement> parsed, int serverVersion, String environment, Instant now) {
        RiskLevel risk = findings.stream().map(Finding::severity).reduce(RiskLevel.LOW, RiskLevel::max);
        List<String> reasons = findings.stream()
                .filter(finding -> finding.severity() == risk)
                .map(Finding::message)
                .distinct()
                .toList();
        List<RedFlag> flags = findings.stream()
                .filter(finding -> finding.severity().compareTo(RiskLevel.HIGH) >= 0)
                .map(finding -> new RedFlag(finding.rule(), finding.severity(), finding.message()))
                .toList();
        return new ImpactReport(
                serverVersion,
                environment,
                statements,
                List.copyOf(tables.values()),
                findings,
                flags,
                ValidationQueries.of(parsed, stats, tables.keySet(), created),
                risk,
                reasons.isEmpty() ? List.of("no rule found anything against it") : reasons,
                now);
    }
}
