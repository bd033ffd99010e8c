package dev.fermata.analysis.policy;

import dev.fermata.analysis.rule.Grade;
import dev.fermata.analysis.rule.Rule;
import dev.fermata.analysis.rule.RuleSet;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules that a policy adds. */
final class OwnRuleReader {
    static final List<String> KEYS =
            List.of("id", "severity", "what", "why", "safer", "docs", "when", "message", "fires", "passes");
    static final List<String> EXAMPLE_KEYS = List.of("sql", "fileName", "environment", "serverVersion", "rows");

    private static final String SEVERITY = "low, medium, high, critical, by size or by traffic";

    private final RuleSet book;
    private final PolicyProblems problems;
    private final Set<String> ids = new HashSet<>();

    OwnRuleReader(RuleSet book, PolicyProblems problems) {
        this.book = book;
        this.problems = problems;
    }

    List<OwnRule> read(List<PolicyNode> items, String pointer) {
        List<OwnRule> rules = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            rule(PolicyKeys.of(items.get(i), pointer + "/" + i, KEYS, problems)).ifPresent(rules::add);
        }
        return rules;
    }

    /** Everything is read before anything is missed, so that all problems are told together. */
    private Optional<OwnRule> rule(PolicyKeys keys) {
        Optional<String> id = id(keys);
        Optional<Grade> grade = keys.required("severity", SEVERITY).flatMap(text -> grade(text, keys));
        Optional<String> what = sentence(keys, "what", "one sentence: what is found");
        Optional<String> why = sentence(keys, "why", "what happens to whom");
        Optional<String> safer = sentence(keys, "safer", "what to do instead");
        Optional<Expression> when = keys.required("when", "a condition")
                .flatMap(text -> ExpressionReader.condition(text, keys.pointer("when"), problems));
        Optional<Template> message = keys.node("message").isEmpty()
                ? what.map(text -> new Template(List.of(new Template.Part.Words(text))))
                : keys.text("message", "text with ${expressions}")
                        .flatMap(text -> ExpressionReader.template(text, keys.pointer("message"), problems));
        List<OwnExample> fires = examples(keys, "fires");
        List<OwnExample> passes = examples(keys, "passes");
        Optional<String> docs = keys.text("docs", "an address").map(PolicyNode.Text::text);
        if (id.isEmpty()
                || grade.isEmpty()
                || what.isEmpty()
                || why.isEmpty()
                || safer.isEmpty()
                || when.isEmpty()
                || message.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new OwnRule(
                id.get(),
                grade.get(),
                what.get(),
                why.get(),
                safer.get(),
                docs,
                when.get(),
                message.get(),
                fires,
                passes,
                problems.file() + ":" + keys.place().line()));
    }

    private Optional<String> id(PolicyKeys keys) {
        Optional<PolicyNode.Text> text = keys.required("id", "a name such as no-truncate");
        String id = text.map(PolicyNode.Text::text).orElse("");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!id.matches(Rule.ID)) {
            keys.add("bad-value", "id", "'" + id + "' (expected: lower case words with dashes, such as no-truncate)");
        } else if (book.rule(id).isPresent()) {
            keys.add(
                    "duplicate-id",
                    "id",
                    "'" + id + "' is a rule of Fermata (expected: a name of your own; to grade"
                            + " that rule use severity)");
        } else if (!ids.add(id)) {
            keys.add("duplicate-id", "id", "'" + id + "' is another own rule (expected: each id once)");
        } else {
            return Optional.of(id);
        }
        return Optional.empty();
    }

    private static Optional<String> sentence(PolicyKeys keys, String key, String expected) {
        return keys.required(key, expected).map(text -> text.text().strip());
    }

    private Optional<Grade> grade(PolicyNode.Text text, PolicyKeys keys) {
        return switch (text.text()) {
            case "by size" -> Optional.of(new Grade.BySize());
            case "by traffic" -> Optional.of(new Grade.ByTraffic());
            default -> {
                Optional<Grade> fixed = Arrays.stream(RiskLevel.values())
                        .filter(level -> level.wire().equals(text.text()))
                        .<Grade>map(Grade.Fixed::new)
                        .findFirst();
                if (fixed.isEmpty()) {
                    keys.add("bad-value", "severity", "'" + text.text() + "' (expected: " + SEVERITY + ")");
                }
                yield fixed;
            }
        };
    }

    private List<OwnExample> examples(PolicyKeys keys, String key) {
        List<OwnExample> examples = new ArrayList<>();
        List<PolicyNode> items = keys.items(key, "a list of SQL, or of {sql, rows, environment ...}");
        for (int i = 0; i < items.size(); i++) {
            String pointer = keys.pointer(key) + "/" + i;
            PolicyNode item = items.get(i);
            if (item instanceof PolicyNode.Text text && !text.text().isBlank()) {
                examples.add(
                        new OwnExample(text.text(), new ChangeOrigin("", ""), Map.of(), Optional.empty(), where(item)));
            } else {
                example(PolicyKeys.of(item, pointer, EXAMPLE_KEYS, problems), item)
                        .ifPresent(examples::add);
            }
        }
        return examples;
    }

    private Optional<OwnExample> example(PolicyKeys keys, PolicyNode item) {
        Map<QualifiedName, Long> rows = new HashMap<>();
        keys.node("rows")
                .map(node -> PolicyKeys.free(node, keys.pointer("rows"), problems, "tables with their rows"))
                .ifPresent(tables -> tables.entries().forEach(entry -> tables.text(entry.key(), "a number of rows")
                        .flatMap(text -> number(text, tables.pointer(entry.key())))
                        .ifPresent(number -> rows.put(table(entry.key()), number))));
        Optional<Integer> version = keys.text("serverVersion", "a major version, such as 18")
                .flatMap(text -> number(text, keys.pointer("serverVersion")))
                .map(Math::toIntExact);
        String file = keys.text("fileName", "a path").map(PolicyNode.Text::text).orElse("");
        String environment = keys.text("environment", "such as production")
                .map(PolicyNode.Text::text)
                .orElse("");
        return keys.required("sql", "SQL")
                .map(sql ->
                        new OwnExample(sql.text(), new ChangeOrigin(file, environment), rows, version, where(item)));
    }

    private static QualifiedName table(String written) {
        int dot = written.indexOf('.');
        return dot < 0
                ? new QualifiedName("public", written)
                : new QualifiedName(written.substring(0, dot), written.substring(dot + 1));
    }

    private Optional<Long> number(PolicyNode.Text text, String pointer) {
        if (text.text().matches("\\d{1,15}")) {
            return Optional.of(Long.parseLong(text.text()));
        }
        problems.add("bad-value", text.place(), pointer, "'" + text.text() + "' (expected: a whole number)");
        return Optional.empty();
    }

    private String where(PolicyNode node) {
        return problems.file() + ":" + node.place().line();
    }
}
