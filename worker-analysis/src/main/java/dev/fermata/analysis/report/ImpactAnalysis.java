package dev.fermata.analysis.report;

import dev.fermata.analysis.policy.ChangeOrigin;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Judged;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.contracts.impact.AffectedTable;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.impact.SuppressedFinding;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** From statements and statistics to the report. Pure. */
public final class ImpactAnalysis {
    private final Map<QualifiedName, TableStats> stats = new LinkedHashMap<>();
    private final Set<QualifiedName> created = new LinkedHashSet<>();
    private final List<StatementImpact> statements = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final List<SuppressedFinding> suppressed = new ArrayList<>();
    private final Map<QualifiedName, AffectedTable> tables = new TreeMap<>();

    private ImpactAnalysis(Collection<TableStats> all) {
        all.forEach(table -> stats.put(table.name(), table));
    }

    /**
     * @param serverVersion as {@code server_version_num}
     * @param order its name: what a policy takes for the name of a file
     */
    public static ImpactReport report(
            List<Statement> statements,
            int serverVersion,
            String environment,
            Situation situation,
            Policy policy,
            String order,
            Instant now) {
        ImpactAnalysis analysis =
                new ImpactAnalysis(situation.target().orElseThrow().stats().values());
        statements.forEach(analysis::look);
        ChangeOrigin origin = new ChangeOrigin(order, environment);
        Judged judged = policy.judge(
                new Judged(Inspection.of(statements, situation, policy.rules(origin)), List.of()),
                statements,
                origin,
                situation.today());
        analysis.findings.addAll(judged.findings());
        analysis.suppressed.addAll(judged.suppressed());
        return analysis.report(statements, serverVersion, environment, now);
    }

    private void look(Statement statement) {
        StatementProfile profile = LockModel.profile(statement);
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
                now,
                suppressed);
    }
}
