package dev.fermata.analysis.rule;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Rules that are applied together, in their order. */
public record RuleSet(List<Rule> rules) {
    public RuleSet {
        rules = List.copyOf(rules);
        Set<String> ids = new HashSet<>();
        for (Rule rule : rules) {
            if (!ids.add(rule.id())) {
                throw new IllegalArgumentException("two rules are called '" + rule.id() + "'");
            }
        }
    }

    public Optional<Rule> rule(String id) {
        return rules.stream().filter(rule -> rule.id().equals(id)).findFirst();
    }
}
