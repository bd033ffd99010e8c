package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Hit;
import dev.fermata.analysis.rule.Inspection;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.analysis.rule.Situation;
import dev.fermata.postgres.parser.Bodies;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The examples of a policy's own rules, tried.
 *
 * @param rules how many own rules there are
 * @param examples how many examples they have together
 * @param problems one line for each example that is not as it should be
 */
public record PolicyExamples(int rules, int examples, List<String> problems) {
    public PolicyExamples {
        problems = List.copyOf(problems);
    }

    /** @param situation of the text alone; examples say the rest themselves */
    public static PolicyExamples tried(Policy policy, SqlParser parser, Situation situation) {
        List<String> problems = new ArrayList<>();
        int examples = 0;
        for (OwnRule rule : policy.ownRules()) {
            for (OwnExample example : rule.fires()) {
                problem(rule, example, true, parser, situation).ifPresent(problems::add);
            }
            for (OwnExample example : rule.passes()) {
                problem(rule, example, false, parser, situation).ifPresent(problems::add);
            }
            examples += rule.fires().size() + rule.passes().size();
        }
        return new PolicyExamples(policy.ownRules().size(), examples, problems);
    }

    private static Optional<String> problem(
            OwnRule own, OwnExample example, boolean fires, SqlParser parser, Situation situation) {
        List<String> failures = new ArrayList<>();
        Rule rule = own.rule(example.origin(), example.rows(), failed -> {
            failures.add(String.valueOf(failed.getMessage()));
            return Stream.<Hit>empty();
        });
        String where = example.place() + ": " + own.id() + ": ";
        boolean found;
        try {
            found = !Inspection.of(
                            parser.parseScript(example.sql()),
                            Bodies.of(parser.parseScript(example.sql()), parser),
                            example.serverVersion().map(situation::with).orElse(situation),
                            new RuleSet(List.of(rule)))
                    .isEmpty();
        } catch (SqlInputException e) {
            return Optional.of(where + "the example is no SQL: " + e.getMessage());
        }
        if (!failures.isEmpty()) {
            return Optional.of(where + "the rule has no answer for the example: " + failures.getFirst());
        }
        return found == fires
                ? Optional.empty()
                : Optional.of(where
                        + (fires
                                ? "the rule finds nothing in an example of fires (expected: a finding)"
                                : "the rule finds something in an example of passes (expected: nothing)"));
    }
}
