package dev.fermata.analysis.policy;

import dev.fermata.analysis.policy.PolicyNode.Entry;
import dev.fermata.analysis.policy.PolicyNode.Place;
import dev.fermata.contracts.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys of one mapping, read by name. What is wrong is reported and read as absent, so that the rest is read too. */
final class PolicyKeys {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Place place;
    private final String pointer;
    private final PolicyProblems problems;

    private PolicyKeys(Place place, String pointer, PolicyProblems problems) {
        this.place = place;
        this.pointer = pointer;
        this.problems = problems;
    }

    /** @param known every key that may stand here */
    static PolicyKeys of(PolicyNode node, String pointer, List<String> known, PolicyProblems problems) {
        PolicyKeys keys = free(node, pointer, problems, "a mapping with " + String.join(", ", known));
        for (Entry entry : List.copyOf(keys.entries.values())) {
            if (!known.contains(entry.key())) {
                problems.add(
                        "unknown-key",
                        entry.place(),
                        keys.pointer(entry.key()),
                        "unknown key (expected: one of " + String.join(", ", known) + ")"
                                + didYouMean(entry.key(), known));
            }
        }
        return keys;
    }

    /** A mapping whose keys are names. */
    static PolicyKeys free(PolicyNode node, String pointer, PolicyProblems problems, String expected) {
        PolicyKeys keys = new PolicyKeys(node.place(), pointer, problems);
        if (!(node instanceof PolicyNode.Keys mapping)) {
            problems.add("wrong-type", node.place(), pointer, node.kind() + " (expected: " + expected + ")");
            return keys;
        }
        for (Entry entry : mapping.entries()) {
            Entry first = keys.entries.putIfAbsent(entry.key(), entry);
            if (first != null) {
                problems.add(
                        "duplicate-key",
                        entry.place(),
                        keys.pointer(entry.key()),
                        "the same key as in line " + first.place().line() + " (expected: each once)");
            }
        }
        return keys;
    }

    static String didYouMean(String word, List<String> known) {
        return Nearest.of(word, known)
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    Place place() {
        return place;
    }

    /** Of a key here; RFC 6901. */
    String pointer(String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    Optional<PolicyNode> node(String key) {
        return Optional.ofNullable(entries.get(key)).map(Entry::value);
    }

    void add(String code, String key, String what) {
        problems.add(code, node(key).map(PolicyNode::place).orElse(place), pointer(key), what);
    }

    /** A single value that is not blank; none if it is absent or, which is reported, something else. */
    Optional<PolicyNode.Text> text(String key, String expected) {
        return node(key).flatMap(node -> text(node, pointer(key), expected));
    }

    Optional<PolicyNode.Text> required(String key, String expected) {
        if (node(key).isEmpty()) {
            add("missing", key, "missing (expected: " + expected + ")");
        }
        return text(key, expected);
    }

    /** A single value or a list of them. */
    List<PolicyNode.Text> texts(String key, String expected) {
        Optional<PolicyNode> node = node(key);
        if (node.isPresent() && node.get() instanceof PolicyNode.Items list) {
            if (list.items().isEmpty()) {
                add("wrong-type", key, "an empty list (expected: " + expected + ")");
            }
            List<PolicyNode.Text> texts = new ArrayList<>();
            for (int i = 0; i < list.items().size(); i++) {
                text(list.items().get(i), pointer(key) + "/" + i, expected).ifPresent(texts::add);
            }
            return texts;
        }
        return text(key, expected).stream().toList();
    }

    /** The members of a list; none if it is absent or, which is reported, something else. */
    List<PolicyNode> items(String key, String expected) {
        return switch (node(key).orElse(null)) {
            case null -> List.of();
            case PolicyNode.Items list -> list.items();
            case PolicyNode other -> {
                add("wrong-type", key, other.kind() + " (expected: " + expected + ")");
                yield List.of();
            }
        };
    }

    private Optional<PolicyNode.Text> text(PolicyNode node, String at, String expected) {
        if (node instanceof PolicyNode.Text text && !text.text().isBlank()) {
            return Optional.of(text);
        }
        problems.add("wrong-type", node.place(), at, node.kind() + " (expected: " + expected + ")");
        return Optional.empty();
    }
}
