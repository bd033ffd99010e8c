package dev.fermata.contracts;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A seeded generator of values for properties. A failure names the seed that repeats it. */
@FunctionalInterface
public interface Gen<T> {
    T next(Random random);

    static <T> void forAll(int runs, Gen<T> gen, Consumer<T> property) {
        for (long seed = 1; seed <= runs; seed++) {
            T value = gen.next(new Random(seed));
            try {
                property.accept(value);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ", value " + value + ": " + e.getMessage(), e);
            }
        }
    }

    @SafeVarargs
    static <T> Gen<T> oneOf(T... values) {
        return random -> values[random.nextInt(values.length)];
    }

    @SafeVarargs
    static <T> Gen<T> anyOf(Gen<T>... gens) {
        return random -> gens[random.nextInt(gens.length)].next(random);
    }

    static Gen<Integer> between(int low, int high) {
        return random -> low + random.nextInt(high - low + 1);
    }

    default <R> Gen<R> map(Function<T, R> change) {
        return random -> change.apply(next(random));
    }

    default Gen<T> filter(java.util.function.Predicate<T> wanted) {
        return random -> {
            T value = next(random);
            while (!wanted.test(value)) {
                value = next(random);
            }
            return value;
        };
    }

    default Gen<List<T>> list(int min, int max) {
        return random -> {
            List<T> values = new ArrayList<>();
            for (int left = between(min, max).next(random); left > 0; left--) {
                values.add(next(random));
            }
            return values;
        };
    }

    /** The value, or null every other time. */
    default Gen<@Nullable T> orNull() {
        return random -> random.nextBoolean() ? next(random) : null;
    }

    /** Text made of pieces that mean something to YAML, Markdown, JSON or SQL. */
    static Gen<String> nastyText() {
        return oneOf(
                        "a",
                        "Zoë",
                        " ",
                        "  ",
                        "\n",
                        "\n\n",
                        "\t",
                        "\r",
                        "\r\n",
                        ":",
                        ": ",
                        " #",
                        "#",
                        "-",
                        "- ",
                        "---",
                        "\n---\n",
                        "```",
                        "\n```\n",
                        "````",
                        "~~~",
                        "\n```sql change\n",
                        "\n```sql rollback\nx\n```\n",
                        "```sql chang",
                        "'",
                        "\"",
                        "\\",
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        "&a",
                        "*a",
                        "!",
                        "|",
                        ">",
                        "%",
                        "@",
                        "`",
                        "null",
                        "~",
                        "true",
                        "no",
                        "1",
                        "1.5e3",
                        "${x}",
                        "$$",
                        ";",
                        "--",
                        "/*",
                        "\u0007",
                        "\u0085",
                        "\u00a0",
                        "\u2028",
                        "\uFEFF",
                        "😀",
                        "<<",
                        "?",
                        ".sql")
                .list(1, 8)
                .map(parts -> String.join("", parts));
    }
}
