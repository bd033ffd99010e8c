package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.time.Instant;
import java.util.List;

/**
 * What the change does to this database.
 *
 * @param serverVersion {@code server_version_num}, such as 180006
 * @param environment of the target, such as {@code production}
 * @param risk the worst of what follows
 * @param riskReasons why it is that, for people, at least one
 * @param suppressed found, and not counted in {@code findings} and {@code risk}: a policy says why
 */
public record ImpactReport(
        int serverVersion,
        String environment,
        List<StatementImpact> statements,
        List<AffectedTable> tables,
        List<Finding> findings,
        List<RedFlag> redFlags,
        List<ValidationQuery> validations,
        RiskLevel risk,
        List<String> riskReasons,
        Instant analysedAt,
        List<SuppressedFinding> suppressed) {
    public ImpactReport {
        Fields.text(environment, "impact.environment");
        statements = Fields.copy(statements);
        tables = Fields.copy(tables);
        findings = Fields.copy(findings);
        redFlags = Fields.copy(redFlags);
        validations = Fields.copy(validations);
        Fields.required(risk, "impact.risk");
        riskReasons = Fields.copy(riskReasons);
        Fields.required(analysedAt, "impact.analysedAt");
        suppressed = Fields.copy(suppressed);
    }
}
