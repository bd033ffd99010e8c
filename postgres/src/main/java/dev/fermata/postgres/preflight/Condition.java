package dev.fermata.postgres.preflight;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.tree.Expressions;
import java.util.Collection;
import java.util.Set;

/**
 * An expression over the columns of one table, in the words of the author or of the server.
 *
 * @param sql as it is written
 * @param columns mentioned in it; {@code *} for all
 * @param calls what it may run
 * @param subquery whether it has one; no constraint, index or conversion may
 */
record Condition(String sql, Set<String> columns, Calls calls, boolean subquery) {
    Condition {
        columns = Set.copyOf(columns);
    }

    /** @param tree of the very same expression */
    static Condition written(Tokens tokens, JsonNode tree) {
        boolean[] subquery = {false};
        Expressions.each(tree, (kind, node) -> subquery[0] |= kind.equals("SubLink"));
        String sql = tokens.text();
        return new Condition(sql, Expressions.columns(tree), Calls.in(sql), subquery[0]);
    }

    static Condition printed(String sql, Collection<String> columns) {
        return new Condition(sql, Set.copyOf(columns), Calls.in(sql), false);
    }

    Condition and(Calls more) {
        return new Condition(sql, columns, calls.and(more), subquery);
    }
}
