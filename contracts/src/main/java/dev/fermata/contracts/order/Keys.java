package dev.fermata.contracts.order;

import dev.fermata.contracts.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one mapping, read by name and type. What is wrong is reported and read as absent, so that reading goes on and
 * finds the rest.
 */
final class Keys {
    /** No name, choice, time, duration or URL needs more, and messages show the whole value. */
    private static final int MAX_PARSED = 1000;

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{[^}]*\\}");

    private final Map<String, Node.Entry> entries = new LinkedHashMap<>();
    private final Mark mark;
    private final String pointer;
    private final Problems problems;

    /** @param known every key that may stand here, in the order of the documentation */
    Keys(Node.Mapping mapping, String pointer, List<String> known, Problems problems) {
        this(mapping, pointer, problems);
        for (Node.Entry entry : mapping.entries()) {
            if (!known.contains(entry.key())) {
                String near = Nearest.of(entry.key(), known)
                        .map(key -> "did you mean '" + key + "'?")
                        .orElse("remove it");
                problems.add(
                        ProblemCode.UNKNOWN_KEY,
                        entry.mark(),
                        pointer(entry.key()),
                        "unknown key '" + abbreviated(name(entry.key())) + "' (expected: one of "
                                + String.join(", ", known) + "); " + near);
            }
        }
    }

    /** A mapping with keys of the author's own choice. */
    Keys(Node.Mapping mapping, String pointer, Problems problems) {
        this.mark = mapping.mark();
        this.pointer = pointer;
        this.problems = problems;
        for (Node.Entry entry : mapping.entries()) {
            Node.Entry first = entries.putIfAbsent(entry.key(), entry);
            if (first != null) {
                problems.add(
                        ProblemCode.DUPLICATE_KEY,
                        entry.mark(),
                        pointer(entry.key()),
                        "the key '" + name(entry.key()) + "' is here again (first in line "
                                + first.mark().line() + "); remove one of them");
            }
        }
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    boolean isMapping(String key) {
        Node.Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof Node.Mapping;
    }

    boolean isEmptyList(String key) {
        Node.Entry entry = entries.get(key);
        return entry != null
                && entry.value() instanceof Node.Sequence sequence
                && sequence.items().isEmpty();
    }

    /** Where the value is, or the mapping itself where the key is absent. */
    Mark mark(String key) {
        Node.Entry entry = entries.get(key);
        return entry == null ? mark : entry.value().mark();
    }

    List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /** For people: {@code lock.timeout}, {@code probes[0].sql}. */
    String name(String key) {
        String path =
                pointer(key).substring(1).replaceAll("/(\\d+)(?=/|$)", "[$1]").replace('/', '.');
        return path.replace("~1", "/").replace("~0", "~");
    }

    String pointer(String key) {
        return pointer + "/" + key.replace("~", "~0").replace("/", "~1");
    }

    void missing(String key, String expected, String next) {
        add(ProblemCode.MISSING, key, "missing (expected: " + expected + "); " + next);
    }

    void add(ProblemCode code, String key, String what) {
        problems.add(code, mark(key), pointer(key), name(key) + ": " + what);
    }

    /** The value as text that is not blank, null when absent or wrong. */
    @Nullable
    String text(String key, String expected) {
        Node.Scalar scalar = textNode(key, expected);
        if (scalar == null) {
            return null;
        }
        if (scalar.text().isBlank()) {
            add(ProblemCode.EMPTY, key, "empty (expected: " + expected + "); fill it in, or remove the key");
            return null;
        }
        return scalar.text();
    }

    /** The value as text, possibly blank, with its place. */
    Node.@Nullable Scalar textNode(String key, String expected) {
        Node.Scalar scalar = scalar(key, expected);
        if (scalar != null && scalar.kind() == Node.Kind.LITERAL) {
            add(ProblemCode.WRONG_TYPE, key, scalar.text() + " (expected: " + expected + ", in quotes)");
            return null;
        }
        return scalar;
    }

    /**
     * The value as something that is written as text.
     *
     * @param parse throws {@link IllegalArgumentException} for what it does not accept, saying the value and the
     *     expectation
     */
    <T> @Nullable T parsed(String key, String expected, Function<String, T> parse) {
        String text = text(key, expected);
        if (text != null && text.length() > MAX_PARSED) {
            add(ProblemCode.BAD_VALUE, key, text.length() + " characters (expected: " + expected + "); shorten it");
            return null;
        }
        return text == null ? null : accept(key, text, parse);
    }

    /** The value as a whole number of at least 1. */
    @Nullable
    Long count(String key) {
        String expected = "a whole number of at least 1";
        Node.Scalar scalar = scalar(key, expected);
        if (scalar == null) {
            return null;
        }
        if (scalar.kind() == Node.Kind.TEXT) {
            add(
                    ProblemCode.WRONG_TYPE,
                    key,
                    "text '" + scalar.text() + "' (expected: " + expected + ", without quotes)");
            return null;
        }
        return accept(key, scalar.text(), text -> {
            if (!text.matches("[1-9]\\d{0,8}")) {
                throw new IllegalArgumentException("'" + text + "' (expected: " + expected + ")");
            }
            return Long.valueOf(text);
        });
    }

    @Nullable
    Keys mapping(String key, String example, List<String> known) {
        Node.Mapping mapping = mappingNode(key, example);
        return mapping == null ? null : new Keys(mapping, pointer(key), known, problems);
    }

    /** Keys of the author's own choice with text values. */
    Map<String, String> texts(String key, String example, Pattern keyForm) {
        Node.Mapping mapping = mappingNode(key, example);
        Map<String, String> texts = new LinkedHashMap<>();
        if (mapping == null) {
            return texts;
        }
        Keys keys = new Keys(mapping, pointer(key), problems);
        for (String name : keys.names()) {
            if (!keyForm.matcher(name).matches()) {
                keys.add(
                        ProblemCode.BAD_VALUE,
                        name,
                        "a key that is not allowed here (expected: " + keyForm.pattern() + ")");
            }
            Node.Scalar value = keys.textNode(name, "text");
            if (value != null) {
                texts.put(name, value.text());
            }
        }
        return texts;
    }

    /** The items of a list of mappings. */
    List<Keys> mappings(String key, String example, List<String> known) {
        List<Keys> items = new ArrayList<>();
        for (Node item : list(key, "[" + example + "]")) {
            String at = key + "/" + items.size();
            if (item instanceof Node.Mapping mapping) {
                items.add(new Keys(mapping, pointer + "/" + at, known, problems));
            } else {
                problems.add(
                        ProblemCode.WRONG_TYPE,
                        item.mark(),
                        pointer + "/" + at,
                        name(key) + "[" + items.size() + "]: " + item.kindName() + " (expected: a mapping such as "
                                + example + ")");
                return List.of();
            }
        }
        return items;
    }

    /** The items of a list of texts. */
    List<String> items(String key, String example, Function<String, String> parse) {
        List<String> texts = new ArrayList<>();
        int index = 0;
        for (Node item : list(key, example)) {
            Keys one = new Keys(
                    new Node.Mapping(List.of(new Node.Entry(String.valueOf(index++), item.mark(), item)), item.mark()),
                    pointer(key),
                    problems);
            String text = one.parsed(String.valueOf(index - 1), "a name", parse);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    private List<Node> list(String key, String example) {
        Node value = value(key, "a list such as " + example);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Node.Sequence sequence) {
            return sequence.items();
        }
        wrongType(key, value, "a list such as " + example);
        return List.of();
    }

    private Node.@Nullable Mapping mappingNode(String key, String example) {
        Node value = value(key, "a mapping such as " + example);
        if (value == null || value instanceof Node.Mapping) {
            return (Node.Mapping) value;
        }
        wrongType(key, value, "a mapping such as " + example);
        return null;
    }

    private Node.@Nullable Scalar scalar(String key, String expected) {
        Node value = value(key, expected);
        if (value == null || value instanceof Node.Scalar) {
            return (Node.Scalar) value;
        }
        wrongType(key, value, expected);
        return null;
    }

    /** The value, null when the key is absent; a key without a value is reported. */
    private @Nullable Node value(String key, String expected) {
        Node.Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (entry.value() instanceof Node.Scalar scalar && scalar.kind() == Node.Kind.NULL) {
            add(ProblemCode.MISSING, key, "no value (expected: " + expected + "); give one, or remove the key");
            return null;
        }
        return entry.value();
    }

    private void wrongType(String key, Node value, String expected) {
        String shown = value instanceof Node.Scalar scalar ? "'" + abbreviated(scalar.text()) + "'" : value.kindName();
        add(ProblemCode.WRONG_TYPE, key, shown + " (expected: " + expected + ")");
    }

    private static String abbreviated(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= 60 && line.equals(text) ? text : line.substring(0, Math.min(60, line.length())) + "…";
    }

    private <T> @Nullable T accept(String key, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            String hint = PLACEHOLDER.matcher(text).find()
                    ? "; this is a placeholder of a template: start the template with a value for it"
                    : "";
            add(ProblemCode.BAD_VALUE, key, e.getMessage() + hint);
            return null;
        }
    }
}
