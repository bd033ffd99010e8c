package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Token;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A key of an index, or of a partitioned table.
 *
 * <pre>{@code lower(name) COLLATE "C" DESC NULLS LAST   (a + b)   code text_pattern_ops}</pre>
 *
 * @param column the plain column it is, in the catalog's spelling; empty for an expression
 * @param sql the column or expression, as SQL
 * @param collation such as {@code  COLLATE "C"}, else empty
 * @param operators class that decides what is equal, else empty
 */
record KeyElement(String column, String sql, String collation, String operators) {
    /** What they call equal is equal by bytes, as it is in all collations but some rare ones. */
    private static final Set<String> BY_BYTES = Set.of("text_pattern_ops", "varchar_pattern_ops", "bpchar_pattern_ops");

    static KeyElement of(Tokens tokens) {
        List<Token> all = tokens.list();
        int end = 0;
        while (end < all.size() && !all.get(end).isSymbol('(') && (end == 0 || isQualified(all, end))) {
            end++;
        }
        boolean expression = end < all.size() && all.get(end).isSymbol('(');
        Tokens rest = expression ? tokens.afterGroup() : tokens.sub(end, all.size());
        String sql = expression
                ? "(" + tokens.sub(0, tokens.size() - rest.size()).text() + ")"
                : tokens.sub(0, end).text();
        String collation = collation(rest);
        return new KeyElement(
                expression || end != 1 ? "" : Tokens.unquoted(all.getFirst()), sql, collation, operators(rest));
    }

    static KeyElement column(String column) {
        return new KeyElement(column, QualifiedName.quote(column), "", "");
    }

    KeyElement withSql(String other) {
        return new KeyElement(column, other, collation, operators);
    }

    String withCollation() {
        return sql + collation;
    }

    /** Whether the type's own equality decides. */
    boolean isPlain() {
        return operators.isEmpty() || BY_BYTES.contains(operators);
    }

    private static boolean isQualified(List<Token> tokens, int at) {
        return tokens.get(at).isSymbol('.') || tokens.get(at - 1).isSymbol('.');
    }

    private static String collation(Tokens rest) {
        Optional<Tokens> named = rest.after("collate");
        return named.map(name -> {
                    int end = 1;
                    while (end + 1 < name.size() && name.list().get(end).isSymbol('.')) {
                        end += 2;
                    }
                    return " COLLATE " + name.sub(0, end).text();
                })
                .orElse("");
    }

    private static String operators(Tokens rest) {
        int at = 0;
        List<Token> all = rest.list();
        if (rest.startsWith("collate")) {
            at = 2;
            while (at + 1 < all.size() && all.get(at).isSymbol('.')) {
                at += 2;
            }
        }
        Tokens left = rest.sub(Math.min(at, all.size()), all.size());
        boolean order = left.isEmpty() || left.startsWith("asc") || left.startsWith("desc") || left.startsWith("nulls");
        return order ? "" : Tokens.unquoted(left.list().getFirst());
    }
}
