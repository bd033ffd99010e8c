package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the change does to this database.
 *
 * @param serverVersion {@code server_version_num}, such as 180006
 * @param environment of the target, such as {@code production}
 * @param risk the worst of what follows
 * @param riskReasons why it is that, for people, at least one
 * @param suppressed found, and not counted in {@code findings} and {@code risk}: a policy says why
 * @param dependants of all relations that the change touches
 * @param compatibility with the application as it is before the change
 * @param dataChecks rows of today against what the change demands of them
 * @param unseen what the role may not look at
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
        List<SuppressedFinding> suppressed,
        List<Dependant> dependants,
        List<Compatibility> compatibility,
        List<DataCheck> dataChecks,
        List<Unseen> unseen) {
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
        dependants = Fields.copy(dependants);
        compatibility = Fields.copy(compatibility);
        dataChecks = Fields.copy(dataChecks);
        unseen = Fields.copy(unseen);
    }

    /** The same with these queries alone, and with what else could not be looked at. */
    public ImpactReport withValidations(List<ValidationQuery> queries, List<Unseen> more) {
        return new ImpactReport(
                serverVersion,
                environment,
                statements,
                tables,
                findings,
                redFlags,
                queries,
                risk,
                riskReasons,
                analysedAt,
                suppressed,
                dependants,
                compatibility,
                dataChecks,
                Stream.concat(unseen.stream(), more.stream()).toList());
    }
}
