package dev.fermata.analysis.rule;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rules that are applied together, in their order.
 *
 * @param off ids of rules that exist and are not applied
 */
public record RuleSet(List<Rule> rules, Set<String> off) {
    public RuleSet {
        rules = List.copyOf(rules);
        off = Set.copyOf(off);
        Set<String> ids = new HashSet<>();
        for (Rule rule : rules) {
            if (!ids.add(rule.id())) {
                throw new IllegalArgumentException("two rules are called '" + rule.id() + "'");
            }
        }
    }

    /** All of them on. */
    public RuleSet(List<Rule> rules) {
        this(rules, Set.of());
    }

    public Optional<Rule> rule(String id) {
        return rules.stream().filter(rule -> rule.id().equals(id)).findFirst();
    }

    /** The id that a misspelt one was most likely meant to be. */
    public Optional<String> nearest(String misspelt) {
        return rules.stream()
                .map(Rule::id)
                .min(Comparator.comparingInt(
                        id -> Math.abs(id.length() - misspelt.length()) - 2 * commonWords(id, misspelt)))
                .filter(id -> commonWords(id, misspelt) > 0);
    }

    private static int commonWords(String left, String right) {
        Set<String> words = new HashSet<>(List.of(left.split("-")));
        words.retainAll(List.of(right.split("-")));
        return words.size();
    }
}
