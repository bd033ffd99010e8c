package dev.fermata.postgres.preflight;

import dev.fermata.postgres.schema.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which rows a partition takes, as a condition. The server prints bounds in the grammar that authors write them in, so
 * both are read alike.
 *
 * <pre>{@code
 * RANGE (a, b)   FOR VALUES FROM (1, MINVALUE) TO (2, 7)
 * gives   ((a > 1 OR a = 1) AND (a < 2 OR (a = 2 AND b < 7)) AND a IS NOT NULL AND b IS NOT NULL)
 * }</pre>
 */
final class PartitionBound {
    private final String strategy;
    private final List<KeyElement> keys;
    private final Relation rows;

    /**
     * @param key such as {@code RANGE (at, lower(name))}
     * @param rows the table whose columns have the key's types
     */
    private PartitionBound(Tokens key, Relation rows) {
        this.strategy = Tokens.unquoted(key.list().getFirst());
        this.keys = key.group().map(Tokens::parts).orElse(List.of()).stream()
                .map(KeyElement::of)
                .toList();
        this.rows = rows;
    }

    /** Empty for a text that is no key. */
    static Optional<PartitionBound> of(Tokens key, Relation rows) {
        return key.size() > 1 && Tokens.isName(key.list().getFirst())
                ? Optional.of(new PartitionBound(key, rows))
                : Optional.empty();
    }

    List<KeyElement> keys() {
        return keys;
    }

    /**
     * True for rows that belong there, and false or null for others.
     *
     * @param bound from FOR VALUES on
     * @param parent the partitioned table, if it is there already: only it knows its hash functions
     */
    Optional<String> takes(Tokens bound, Optional<Relation> parent) {
        return switch (strategy) {
            case "range" -> range(bound);
            case "list" -> list(bound);
            case "hash" -> parent.flatMap(table -> hash(bound, table));
            default -> Optional.empty();
        };
    }

    private Optional<String> list(Tokens bound) {
        if (keys.size() != 1) {
            return Optional.empty();
        }
        return bound.after("in").flatMap(Tokens::group).map(values -> {
            KeyElement key = keys.getFirst();
            List<String> any = new ArrayList<>();
            for (Tokens value : values.parts()) {
                boolean isNull = value.size() == 1 && value.startsWith("null");
                any.add(
                        isNull
                                ? key.sql() + " IS NULL"
                                : "(" + key.sql() + " IS NOT NULL AND " + key.withCollation() + " = "
                                        + typed(key, value) + ")");
            }
            return "(" + String.join(" OR ", any) + ")";
        });
    }

    private Optional<String> range(Tokens bound) {
        List<Tokens> from =
                bound.after("from").flatMap(Tokens::group).map(Tokens::parts).orElse(List.of());
        List<Tokens> to =
                bound.after("to").flatMap(Tokens::group).map(Tokens::parts).orElse(List.of());
        if (from.size() != keys.size() || to.size() != keys.size()) {
            return Optional.empty();
        }
        List<String> all = new ArrayList<>();
        keys.forEach(key -> all.add(key.sql() + " IS NOT NULL"));
        all.add(compared(from, 0, ">", true));
        all.add(compared(to, 0, "<", false));
        return Optional.of("(" + String.join(" AND ", all) + ")");
    }

    /** Row by row order, in which MINVALUE is before and MAXVALUE after everything, whatever follows it. */
    private String compared(List<Tokens> values, int at, String operator, boolean included) {
        Tokens value = values.get(at);
        boolean least = value.size() == 1 && value.startsWith("minvalue");
        boolean most = value.size() == 1 && value.startsWith("maxvalue");
        if (least || most) {
            return least == operator.equals(">") ? "true" : "false";
        }
        KeyElement key = keys.get(at);
        String beyond = key.withCollation() + " " + operator + " " + typed(key, value);
        String equal = key.withCollation() + " = " + typed(key, value);
        if (at + 1 < values.size()) {
            return "(" + beyond + " OR (" + equal + " AND " + compared(values, at + 1, operator, included) + "))";
        }
        return included ? "(" + beyond + " OR " + equal + ")" : beyond;
    }

    private Optional<String> hash(Tokens bound, Relation parent) {
        return bound.group().flatMap(options -> {
            Optional<String> modulus = options.after("modulus")
                    .map(words -> words.list().getFirst().text());
            Optional<String> remainder = options.after("remainder")
                    .map(words -> words.list().getFirst().text());
            return modulus.flatMap(of -> remainder.map(rest -> "pg_catalog.satisfies_hash_partition("
                    + literal(parent.name().sql()) + "::pg_catalog.regclass::pg_catalog.oid, " + of + ", " + rest
                    + ", "
                    + String.join(", ", keys.stream().map(KeyElement::sql).toList()) + ")"));
        });
    }

    /** The server takes bounds as values of the key's type. */
    private String typed(KeyElement key, Tokens value) {
        return rows.column(key.column())
                .map(column -> "CAST((" + value.text() + ") AS " + column.type() + ")")
                .orElse("(" + value.text() + ")");
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
