package dev.fermata.analysis.report;

import dev.fermata.analysis.estimate.Estimates;
import dev.fermata.analysis.policy.ChangeOrigin;
import dev.fermata.analysis.policy.Policy;
import dev.fermata.analysis.rule.Creations;
import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Judged;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.analysis.rule.Target;
import dev.fermata.contracts.impact.AffectedTable;
import dev.fermata.contracts.impact.Compatibility;
import dev.fermata.contracts.impact.Dependant;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.impact.Unseen;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.lock.Effects;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.lock.Likelihood;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.RelationEffect;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.schema.Relation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** From statements, database and evidence to the report. Pure. */
public final class ImpactAnalysis {
    private final Change change;
    private final Situation situation;
    private final Target target;
    private final Evidence evidence;
    private final Estimates estimates;
    private final Set<QualifiedName> created = new TreeSet<>();
    private final Set<QualifiedName> touched = new TreeSet<>();
    private final List<StatementImpact> statements = new ArrayList<>();
    private final List<Compatibility> compatibility = new ArrayList<>();
    private boolean structureChanged;

    private ImpactAnalysis(Change change, Situation situation, Evidence evidence) {
        this.change = change;
        this.situation = situation;
        this.target = situation.target().orElseThrow();
        this.evidence = evidence;
        this.estimates = new Estimates(target, change.statements(), evidence.calibration(), evidence.changedRows());
    }

    /**
     * @param serverVersion as {@code server_version_num}
     * @param situation with a target
     */
    public static ImpactReport report(
            Change change,
            int serverVersion,
            String environment,
            Situation situation,
            Policy policy,
            Evidence evidence,
            Instant now) {
        ImpactAnalysis analysis = new ImpactAnalysis(change, situation, evidence);
        change.statements().forEach(analysis::look);
        ChangeOrigin origin = new ChangeOrigin(change.order(), environment);
        Judged judged = policy.judge(
                new Judged(
                        Inspection.of(change.statements(), change.bodies(), situation, policy.rules(origin)),
                        List.of()),
                change.statements(),
                origin,
                situation.today());
        return analysis.report(judged, serverVersion, environment, now);
    }

    private void look(Statement statement) {
        var body = change.bodies().of(statement);
        int version = situation.majorVersion();
        StatementProfile profile = LockModel.profile(statement, body, version);
        Effects effects = EffectsModel.of(statement, body, version, target.schema());
        effects.relations().stream()
                .map(RelationEffect::relation)
                .filter(name -> target.schema()
                        .relation(name)
                        .filter(Relation::holdsRows)
                        .isPresent())
                .forEach(touched::add);
        statements.add(new StatementImpact(
                statement.index(),
                statement.line(),
                statement.column(),
                statement.text(),
                profile.description(),
                StatementLocks.of(effects, profile, target.schema()),
                effects.runsInTransaction(),
                happens(effects, RelationEffect::rewrites),
                happens(effects, RelationEffect::scans),
                notes(effects),
                estimates.of(statement, effects).orElse(null)));
        compatibility.addAll(Compatibilities.of(statement, this::isOld));
        Stream.concat(
                        Stream.of(statement),
                        change.bodies().runBy(statement).stream().map(one -> one.statement()))
                .forEach(this::makes);
        structureChanged |=
                !profile.description().equals("SET") && !effects.relations().isEmpty();
    }

    private static boolean happens(Effects effects, Function<RelationEffect, Likelihood> what) {
        return effects.relations().stream().anyMatch(effect -> what.apply(effect) == Likelihood.YES);
    }

    /** A refusal is certain only as long as the schema is the one that was read. */
    private List<String> notes(Effects effects) {
        List<String> notes = new ArrayList<>(effects.notes());
        effects.waitsFor().forEach(one -> notes.add("waits for " + one.words()));
        if (!structureChanged && created.isEmpty()) {
            effects.refusals().forEach(refusal -> notes.add("the server will refuse it: " + refusal));
        }
        return notes;
    }

    private boolean isOld(WrittenName name) {
        return target.schema().relation(name.schema(), name.name()).isPresent() && !created.contains(name.in("public"));
    }

    private void makes(Statement statement) {
        Creations.of(statement)
                .filter(name ->
                        target.schema().relation(name.schema(), name.name()).isEmpty())
                .ifPresent(name -> created.add(name.in("public")));
    }

    private List<AffectedTable> tables() {
        Map<QualifiedName, AffectedTable> tables = new TreeMap<>();
        for (QualifiedName name : touched) {
            TableStats stats = target.stats().get(name);
            if (stats != null) {
                tables.put(
                        name,
                        new AffectedTable(
                                name.schema(),
                                name.name(),
                                stats.analyzed() ? stats.estimatedRows() : -1,
                                stats.totalBytes(),
                                false,
                                stats.deadRows(),
                                target.writesPerSecond().getOrDefault(name, -1.0)));
            }
        }
        change.withThoseInBlocks().stream()
                .filter(statement -> statement.kind().equals("CreateStmt"))
                .flatMap(statement -> Creations.of(statement).stream())
                .map(name -> name.in("public"))
                .filter(created::contains)
                .forEach(name -> tables.put(name, new AffectedTable(name.schema(), name.name(), 0, 0, true, 0, 0)));
        return List.copyOf(tables.values());
    }

    private List<Dependant> dependants() {
        return touched.stream()
                .flatMap(name -> target.schema().dependants(name).stream())
                .map(one -> new Dependant(
                        one.kind(),
                        one.name(),
                        one.relation().toString(),
                        one.columns().stream().sorted().toList(),
                        one.certainty() == dev.fermata.postgres.schema.Dependant.Certainty.CATALOG))
                .distinct()
                .toList();
    }

    private ImpactReport report(Judged judged, int serverVersion, String environment, Instant now) {
        List<Finding> findings = Stream.concat(
                        DataFindings.of(evidence.answers(), change.statements()).stream(), judged.findings().stream())
                .toList();
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
                tables(),
                findings,
                flags,
                ValidationQueries.of(change.withThoseInBlocks(), target, touched, created),
                risk,
                reasons.isEmpty() ? List.of("no rule found anything against it") : reasons,
                now,
                judged.suppressed(),
                dependants(),
                compatibility,
                DataChecks.of(evidence.answers()),
                target.context().gaps().stream()
                        .map(gap -> new Unseen(gap.what(), gap.remedy()))
                        .toList());
    }
}
