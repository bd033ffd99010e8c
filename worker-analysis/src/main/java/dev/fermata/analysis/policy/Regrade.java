package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Grade;
import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.Subject;
import dev.fermata.contracts.impact.RiskLevel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a policy says of the severity of a rule.
 *
 * @param cases the first that holds decides; where none does, the rule itself
 * @param place in the file, for people
 */
record Regrade(List<Case> cases, String place) {
    /** @param when empty: always */
    record Case(Optional<Expression> when, RiskLevel level) {}

    Regrade {
        cases = List.copyOf(cases);
    }

    Rule of(Rule rule, ChangeOrigin origin) {
        Case first = cases.getFirst();
        return first.when().isEmpty()
                ? rule.judging(
                        new Grade.Fixed(first.level()),
                        subject -> rule.check().apply(subject).map(hit -> hit.graded(first.level())))
                : rule.judging(
                        rule.grade(),
                        subject -> rule.check().apply(subject).flatMap(hit -> graded(hit, subject, origin)));
    }

    private Stream<Hit> graded(Hit hit, Subject subject, ChangeOrigin origin) {
        Facts facts = Facts.of(subject, origin, Map.of());
        Facts about = hit.table() == null ? facts : facts.about(hit.table());
        try {
            for (Case one : cases) {
                if (one.when().isEmpty() || one.when().get().holds(about)) {
                    return Stream.of(hit.graded(one.level()));
                }
            }
            return Stream.of(hit);
        } catch (Expression.Failed e) {
            return Stream.of(hit, OwnRule.unanswered("a condition of the severity of this rule", e, place));
        }
    }
}
