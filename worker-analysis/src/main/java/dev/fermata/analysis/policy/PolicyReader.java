package dev.fermata.analysis.policy;

import dev.fermata.analysis.policy.PolicyNode.Entry;
import dev.fermata.analysis.policy.PolicyNode.Place;
import dev.fermata.analysis.rule.Family;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.contracts.impact.RiskLevel;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** From the tree of a file to what it wishes. */
final class PolicyReader {
    static final List<String> KEYS = List.of("failOn", "rules", "severity", "suppress", "ownRules");
    static final List<String> SUPPRESS_KEYS = List.of("rule", "path", "table", "reason", "until");
    static final List<String> CASE_KEYS = List.of("when", "is");

    private static final String LEVEL = "low, medium, high or critical";

    private final RuleSet book;
    private final PolicyProblems problems;
    private final List<OwnRule> ownRules = new ArrayList<>();

    private PolicyReader(RuleSet book, PolicyProblems problems) {
        this.book = book;
        this.problems = problems;
    }

    /** @throws PolicyException with everything that is wrong */
    static Policy.Wishes read(String text, RuleSet book, PolicyProblems problems) {
        Policy.Wishes wishes = new PolicyReader(book, problems).wishes(PolicyYaml.read(text, problems));
        problems.throwIfAny();
        return wishes;
    }

    private Policy.Wishes wishes(PolicyNode root) {
        PolicyKeys keys = PolicyKeys.of(root, "", KEYS, problems);
        ownRules.addAll(new OwnRuleReader(book, problems)
                .read(keys.items("ownRules", "a list of rules"), keys.pointer("ownRules")));
        return new Policy.Wishes(
                keys.text("failOn", LEVEL).flatMap(text -> level(text, keys.pointer("failOn"))),
                switches(keys),
                severities(keys),
                suppressions(keys),
                ownRules);
    }

    private Map<String, Boolean> switches(PolicyKeys keys) {
        Map<String, Boolean> switches = new LinkedHashMap<>();
        for (Entry entry : byRule(keys, "rules", "rule ids with on or off")) {
            String pointer = keys.pointer("rules") + "/" + escaped(entry.key());
            String word = entry.value() instanceof PolicyNode.Text text
                    ? text.text()
                    : entry.value().kind();
            switch (word) {
                case "on", "true" -> switches.put(entry.key(), true);
                case "off", "false" -> switches.put(entry.key(), false);
                default ->
                    problems.add("bad-value", entry.value().place(), pointer, "'" + word + "' (expected: on or off)");
            }
        }
        return switches;
    }

    private Map<String, Regrade> severities(PolicyKeys keys) {
        Map<String, Regrade> severities = new LinkedHashMap<>();
        for (Entry entry : byRule(keys, "severity", "rule ids with " + LEVEL)) {
            String pointer = keys.pointer("severity") + "/" + escaped(entry.key());
            List<Regrade.Case> cases = cases(entry.value(), pointer);
            if (!cases.isEmpty()) {
                severities.put(entry.key(), new Regrade(cases, where(entry.place())));
            }
        }
        return severities;
    }

    private List<Regrade.Case> cases(PolicyNode node, String pointer) {
        if (node instanceof PolicyNode.Text text) {
            return level(text, pointer).stream()
                    .map(level -> new Regrade.Case(Optional.empty(), level))
                    .toList();
        }
        if (!(node instanceof PolicyNode.Items list) || list.items().isEmpty()) {
            problems.add(
                    "wrong-type",
                    node.place(),
                    pointer,
                    node.kind() + " (expected: " + LEVEL + ", or a list of {when: condition, is: level})");
            return List.of();
        }
        List<Regrade.Case> cases = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            String at = pointer + "/" + i;
            PolicyKeys keys = PolicyKeys.of(list.items().get(i), at, CASE_KEYS, problems);
            Optional<Expression> when = keys.text("when", "a condition")
                    .flatMap(text -> ExpressionReader.condition(text, keys.pointer("when"), problems));
            if (keys.node("when").isEmpty() && i < list.items().size() - 1) {
                problems.add(
                        "missing",
                        keys.place(),
                        at + "/when",
                        "missing (expected: a condition; only the last" + " may have none, and is for all else)");
            }
            keys.required("is", LEVEL)
                    .flatMap(text -> level(text, keys.pointer("is")))
                    .ifPresent(level -> cases.add(new Regrade.Case(when, level)));
        }
        return cases;
    }

    private List<PolicySuppression> suppressions(PolicyKeys keys) {
        List<PolicySuppression> suppressions = new ArrayList<>();
        List<PolicyNode> items = keys.items("suppress", "a list of {rule, path, table, reason, until}");
        for (int i = 0; i < items.size(); i++) {
            PolicyKeys one = PolicyKeys.of(items.get(i), keys.pointer("suppress") + "/" + i, SUPPRESS_KEYS, problems);
            if (Stream.of("rule", "path", "table").allMatch(key -> one.node(key).isEmpty())) {
                one.add("missing", "rule", "missing (expected: at least one of rule, path and table)");
            }
            Optional<String> reason = one.required("reason", "why these findings may pass")
                    .map(text -> text.text().strip());
            suppressions.add(new PolicySuppression(
                    suppressedRules(one),
                    one.texts("path", "a path with stars, such as legacy/**").stream()
                            .map(text -> Glob.path(text.text()))
                            .toList(),
                    one.texts("table", "the name of a table, such as audit_* or archive.*").stream()
                            .map(text -> Glob.table(text.text()))
                            .toList(),
                    reason.orElse(""),
                    one.text("until", "a date such as 2026-12-31").flatMap(text -> date(text, one.pointer("until"))),
                    where(one.place())));
        }
        return suppressions;
    }

    private Set<String> suppressedRules(PolicyKeys keys) {
        Set<String> ids = new LinkedHashSet<>();
        for (PolicyNode.Text text : keys.texts("rule", "the id of a rule, or family:NAME")) {
            if (isKnown(text.text(), text.place(), keys.pointer("rule"))) {
                ids.add(text.text());
                book.rules().stream()
                        .filter(rule -> text.text().equals(Policy.family(rule.family())))
                        .map(Rule::id)
                        .forEach(ids::add);
                if (text.text().equals(Policy.family(Family.OWN))) {
                    ownRules.forEach(own -> ids.add(own.id()));
                }
            }
        }
        return ids;
    }

    /** The entries whose keys are rules or families; others are reported. */
    private List<Entry> byRule(PolicyKeys keys, String key, String expected) {
        return keys.node(key).stream()
                .flatMap(node -> PolicyKeys.free(node, keys.pointer(key), problems, expected).entries().stream())
                .filter(entry -> isKnown(entry.key(), entry.place(), keys.pointer(key) + "/" + escaped(entry.key())))
                .toList();
    }

    private boolean isKnown(String id, Place place, String pointer) {
        List<String> families =
                Arrays.stream(Family.values()).map(Policy::family).toList();
        List<String> ids = Stream.concat(
                        book.rules().stream().map(Rule::id), ownRules.stream().map(OwnRule::id))
                .toList();
        if (ids.contains(id) || families.contains(id)) {
            return true;
        }
        String near = PolicyKeys.didYouMean(id, id.startsWith("family:") ? families : ids);
        problems.add(
                "unknown-rule",
                place,
                pointer,
                (id.startsWith("family:")
                                ? "there is no such family (expected: one of " + String.join(", ", families) + ")"
                                : "there is no rule '" + id + "' (expected: an id of docs/rules.md or of ownRules)")
                        + (near.isEmpty()
                                ? book.nearest(id)
                                        .map(other -> "; did you mean '" + other + "'?")
                                        .orElse("")
                                : near));
        return false;
    }

    private Optional<RiskLevel> level(PolicyNode.Text text, String pointer) {
        Optional<RiskLevel> level = Arrays.stream(RiskLevel.values())
                .filter(one -> one.wire().equals(text.text()))
                .findFirst();
        if (level.isEmpty()) {
            problems.add("bad-value", text.place(), pointer, "'" + text.text() + "' (expected: " + LEVEL + ")");
        }
        return level;
    }

    private Optional<LocalDate> date(PolicyNode.Text text, String pointer) {
        try {
            return Optional.of(LocalDate.parse(text.text()));
        } catch (DateTimeParseException e) {
            problems.add(
                    "bad-value", text.place(), pointer, "'" + text.text() + "' (expected: a date such as 2026-12-31)");
            return Optional.empty();
        }
    }

    private String where(Place place) {
        return problems.file() + ":" + place.line();
    }

    private static String escaped(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }
}
