package dev.fermata.contracts;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks that canonical constructors share. A message written by an older program may lack a list that was added since: it
 * is read as empty. A lacking required field is an {@link IllegalArgumentException} that names it.
 */
public final class Fields {
    private Fields() {}

    /** Returns the value, or throws {@link IllegalArgumentException} naming the field. */
    public static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing (expected: a value)");
        }
        return value;
    }

    /** Returns the text, or throws when it is null or blank. */
    public static String text(@Nullable String value, String name) {
        if (required(value, name).isBlank()) {
            throw new IllegalArgumentException(name + ": '" + value + "' (expected: not blank)");
        }
        return required(value, name);
    }

    /** An immutable copy; null is read as empty. */
    public static <T> List<T> copy(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /** An immutable copy that keeps the order of the keys; null is read as empty. */
    public static <V> Map<String, V> copy(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
