package dev.fermata.postgres.catalog;

import java.util.Comparator;
import java.util.Objects;

/**
 * The name of an object in a schema, as the catalog has it: unquoted, in its own case.
 *
 * <pre>{@code new QualifiedName("public", "Order Lines").sql()   gives   public."Order Lines"}</pre>
 */
public record QualifiedName(String schema, String name) implements Comparable<QualifiedName> {
    private static final Comparator<QualifiedName> BY_SCHEMA_AND_NAME =
            Comparator.comparing(QualifiedName::schema).thenComparing(QualifiedName::name);

    public QualifiedName {
        requireName("schema", schema);
        requireName("name", name);
    }

    /** Safe to be put into SQL. */
    public String sql() {
        return quote(schema) + "." + quote(name);
    }

    /** An identifier that is safe in SQL, quoted unless it is plain lower case. Keywords are quoted too. */
    public static String quote(String identifier) {
        return isPlain(identifier) && !SqlKeywords.mustBeQuoted(identifier)
                ? identifier
                : "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    @Override
    public int compareTo(QualifiedName other) {
        return BY_SCHEMA_AND_NAME.compare(this, other);
    }

    @Override
    public String toString() {
        return sql();
    }

    private static boolean isPlain(String identifier) {
        for (int i = 0; i < identifier.length(); i++) {
            char c = identifier.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || c == '_';
            if (!letter && (i == 0 || c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }

    private static void requireName(String what, String value) {
        Objects.requireNonNull(value, what);
        if (value.isEmpty() || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(what + ": '" + value + "' (expected: a name)");
        }
    }
}
