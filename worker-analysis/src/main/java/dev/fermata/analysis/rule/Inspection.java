package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.lock.EffectsModel;
import dev.fermata.postgres.lock.LockModel;
import dev.fermata.postgres.lock.StatementProfile;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.Body;
import dev.fermata.postgres.parser.BodyStatement;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Leads all rules over the statements of a change, one after the other, and over those inside its DO blocks as if they
 * stood there in one transaction. Pure.
 */
public final class Inspection {
    private final Situation situation;
    private final RuleSet rules;
    private final Before before;

    /** Those of the script, and after each DO block those in it; the index of each is its place in this list. */
    private final List<Statement> all = new ArrayList<>();

    private Inspection(Situation situation, RuleSet rules) {
        this.situation = situation;
        this.rules = rules;
        this.before = new Before(situation.transactions() == Situation.Transactions.PER_FILE);
    }

    /**
     * What is found, in the order of the statements, and at one statement in that of the rules. What is found inside a
     * DO block has the block as its statement, and its own line and column; it has no fix.
     */
    public static List<Finding> of(List<Statement> statements, Bodies bodies, Situation situation, RuleSet rules) {
        Inspection inspection = new Inspection(situation, rules);
        List<Part> parts = new ArrayList<>();
        for (Statement statement : statements) {
            parts.add(inspection.part(statement, bodies));
        }
        return parts.stream().flatMap(part -> inspection.look(part).stream()).toList();
    }

    /**
     * A statement of the script with those inside it.
     *
     * @param written as the script numbers it
     * @param numbered as its place among all is
     */
    private record Part(Statement written, Statement numbered, Optional<Body> body, List<BodyStatement> inside) {}

    private Part part(Statement statement, Bodies bodies) {
        Statement numbered = statement.numbered(all.size());
        all.add(numbered);
        List<BodyStatement> inside = new ArrayList<>();
        for (BodyStatement one : bodies.runBy(statement)) {
            BodyStatement next = one.numbered(all.size());
            all.add(next.statement());
            inside.add(next);
        }
        return new Part(statement, numbered, bodies.of(statement), inside);
    }

    private List<Finding> look(Part part) {
        Statement statement = part.numbered();
        StatementProfile profile = LockModel.profile(statement, part.body(), situation.majorVersion());
        Subject subject = new Subject(
                statement,
                profile,
                situation
                        .target()
                        .map(target ->
                                EffectsModel.of(statement, part.body(), situation.majorVersion(), target.schema())),
                all,
                before,
                situation,
                part.body(),
                false);
        List<Finding> findings = new ArrayList<>();
        look(subject, (rule, hit) -> findings.add(finding(rule, subject, hit, part.written())));
        if (part.inside().isEmpty()) {
            before.add(statement, profile);
            return findings;
        }
        List<Finding> inside = lookInside(part);
        // The block does what is in it: what has a place inside is not said of the whole again.
        Set<String> said = inside.stream().map(Finding::rule).collect(Collectors.toSet());
        findings.removeIf(finding -> said.contains(finding.rule()));
        findings.addAll(inside);
        return findings;
    }

    private List<Finding> lookInside(Part part) {
        List<Finding> findings = new ArrayList<>();
        boolean outside = before.enterBlock();
        for (BodyStatement one : part.inside()) {
            Statement statement = one.statement();
            StatementProfile profile = LockModel.profile(statement, situation.majorVersion());
            Subject subject = new Subject(
                    statement,
                    profile,
                    situation
                            .target()
                            .map(target -> EffectsModel.of(statement, situation.majorVersion(), target.schema())),
                    all,
                    before,
                    situation,
                    Optional.empty(),
                    true);
            look(subject, (rule, hit) -> findings.add(finding(rule, subject, hit, part.written(), one)));
            before.add(statement, profile);
        }
        before.leaveBlock(outside);
        return findings;
    }

    private interface Found {
        void at(Rule rule, Hit hit);
    }

    private void look(Subject subject, Found found) {
        for (Rule rule : rules.rules()) {
            if (rule.appliesTo(situation.majorVersion())) {
                rule.check().apply(subject).forEach(hit -> found.at(rule, hit));
            }
        }
    }

    private static Finding finding(Rule rule, Subject subject, Hit hit, Statement block, BodyStatement one) {
        int offset = Math.min(hit.offset(), one.statement().text().length());
        return finding(rule, subject, hit, block.index(), one.line(offset), one.column(offset), null);
    }

    private static Finding finding(Rule rule, Subject subject, Hit hit, Statement statement) {
        int offset = Math.min(hit.offset(), statement.text().length());
        int lineStart = statement.text().lastIndexOf('\n', offset - 1) + 1;
        int lines = (int) statement
                .text()
                .substring(0, offset)
                .chars()
                .filter(c -> c == '\n')
                .count();
        int column = lines == 0 ? statement.column() + offset : offset - lineStart + 1;
        return finding(rule, subject, hit, statement.index(), statement.line() + lines, column, hit.fix());
    }

    private static Finding finding(
            Rule rule, Subject subject, Hit hit, int statement, int line, int column, @Nullable String fix) {
        var table = hit.table();
        RiskLevel severity = hit.severity() != null
                ? hit.severity()
                : rule.grade().of(table == null ? Exposure.UNKNOWN : subject.exposure(table));
        return new Finding(
                rule.id(),
                severity,
                statement,
                line,
                column,
                hit.message(),
                rule.why(),
                Objects.requireNonNullElse(hit.safer(), rule.safer()),
                rule.docs().orElse(null),
                fix,
                table == null ? null : table.in("public").toString());
    }
}
