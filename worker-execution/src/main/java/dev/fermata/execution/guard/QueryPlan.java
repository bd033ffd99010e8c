package dev.fermata.execution.guard;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of a plan matters here.
 *
 * @param failure why the server refuses the query; null where it plans it
 * @param cost in the planner's own unit
 * @param indexes that it uses
 * @param read tables that it reads in full
 */
record QueryPlan(@Nullable String failure, double cost, Set<String> indexes, Set<String> read) {
    QueryPlan {
        indexes = Set.copyOf(indexes);
        read = Set.copyOf(read);
    }

    static QueryPlan refused(String failure) {
        return new QueryPlan(failure, 0, Set.of(), Set.of());
    }

    /** @param explained what EXPLAIN (FORMAT JSON) gives */
    static QueryPlan of(JsonNode explained) {
        JsonNode root = explained.path(0).path("Plan");
        Set<String> indexes = new TreeSet<>();
        Set<String> read = new TreeSet<>();
        collect(root, indexes, read);
        return new QueryPlan(null, root.path("Total Cost").asDouble(), indexes, read);
    }

    private static void collect(JsonNode plan, Set<String> indexes, Set<String> read) {
        if (plan.has("Index Name")) {
            indexes.add(plan.path("Index Name").asText());
        }
        if (plan.path("Node Type").asText().equals("Seq Scan")) {
            read.add(plan.path("Relation Name").asText());
        }
        plan.path("Plans").forEach(child -> collect(child, indexes, read));
    }
}
