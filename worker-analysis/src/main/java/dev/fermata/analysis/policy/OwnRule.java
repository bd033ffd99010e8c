package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Grade;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.lock.WrittenName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A rule of a team, written as an expression.
 *
 * @param docs where it is explained, if anywhere
 * @param message of a finding
 * @param place of the rule in its file, for people
 */
record OwnRule(
        String id,
        Grade grade,
        String what,
        String why,
        String safer,
        Optional<String> docs,
        Expression when,
        Template message,
        List<OwnExample> fires,
        List<OwnExample> passes,
        String place) {
    OwnRule {
        fires = List.copyOf(fires);
        passes = List.copyOf(passes);
    }

    /** For changes; where the expression has no answer, that is found instead. */
    Rule rule(ChangeOrigin origin) {
        return rule(origin, Map.of(), failed -> Stream.of(unanswered("the condition of this rule", failed, place)));
    }

    /** @param whenFailed what is found where the expression has no answer */
    Rule rule(
            ChangeOrigin origin,
            Map<QualifiedName, Long> assumedRows,
            Function<Expression.Failed, Stream<Hit>> whenFailed) {
        return new Rule(
                id,
                Family.OWN,
                grade,
                what,
                why,
                safer,
                List.of(),
                List.of(),
                0,
                Integer.MAX_VALUE,
                docs.stream().toList(),
                false,
                Rule.OnServer.NOT_TRIED,
                subject -> {
                    try {
                        return look(Facts.of(subject, origin, assumedRows)).stream();
                    } catch (Expression.Failed e) {
                        return whenFailed.apply(e);
                    }
                });
    }

    /** Never taken for harmless, and never for a reason to stop. */
    static Hit unanswered(String what, Expression.Failed failed, String place) {
        return Hit.of(what + " (" + place + ") has no answer here: " + failed.getMessage())
                .graded(RiskLevel.HIGH);
    }

    /** Table by table where the rule asks about {@code table}, else once. */
    private List<Hit> look(Facts facts) throws Expression.Failed {
        List<WrittenName> tables = facts.tables();
        if (!when.isPerTable() && !message.isPerTable()) {
            return when.holds(facts) ? List.of(hit(facts, tables.stream().findFirst())) : List.of();
        }
        List<Hit> hits = new ArrayList<>();
        for (WrittenName table : tables) {
            Facts one = facts.about(table);
            if (when.holds(one)) {
                hits.add(hit(one, Optional.of(table)));
            }
        }
        return hits;
    }

    private Hit hit(Facts facts, Optional<WrittenName> table) throws Expression.Failed {
        String text = message.text(facts).strip();
        Hit hit = Hit.of(text.isEmpty() ? what : text);
        return table.map(hit::on).orElse(hit);
    }
}
