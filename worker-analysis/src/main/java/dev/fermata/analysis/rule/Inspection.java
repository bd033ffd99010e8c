package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Leads all rules over the statements of a change, one after the other. Pure. */
public final class Inspection {
    private Inspection() {}

    /** What is found, in the order of the statements, and at one statement in that of the rules. */
    public static List<Finding> of(List<Statement> statements, Situation situation, RuleSet rules) {
        List<Finding> findings = new ArrayList<>();
        Before before = new Before(situation.transactions() == Situation.Transactions.PER_FILE);
        for (Statement statement : statements) {
            StatementProfile profile = LockModel.profile(statement, situation.majorVersion());
            Subject subject = new Subject(
                    statement,
                    profile,
                    situation
                            .target()
                            .map(target -> EffectsModel.of(statement, situation.majorVersion(), target.schema())),
                    statements,
                    before,
                    situation);
            for (Rule rule : rules.rules()) {
                if (rule.appliesTo(situation.majorVersion())) {
                    rule.check()
                            .apply(subject)
                            .map(hit -> finding(rule, subject, hit))
                            .forEach(findings::add);
                }
            }
            before.add(statement, profile);
        }
        return findings;
    }

    private static Finding finding(Rule rule, Subject subject, Hit hit) {
        Statement statement = subject.statement();
        int offset = Math.min(hit.offset(), statement.text().length());
        int lineStart = statement.text().lastIndexOf('\n', offset - 1) + 1;
        int lines = (int) statement
                .text()
                .substring(0, offset)
                .chars()
                .filter(c -> c == '\n')
                .count();
        var table = hit.table();
        RiskLevel severity = hit.severity() != null
                ? hit.severity()
                : rule.grade().of(table == null ? Exposure.UNKNOWN : subject.exposure(table));
        return new Finding(
                rule.id(),
                severity,
                statement.index(),
                statement.line() + lines,
                lines == 0 ? statement.column() + offset : offset - lineStart + 1,
                hit.message(),
                rule.why(),
                Objects.requireNonNullElse(hit.safer(), rule.safer()),
                rule.docs().orElse(null),
                hit.fix(),
                table == null ? null : table.in("public").toString());
    }
}
