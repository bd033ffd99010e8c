package dev.fermata.execution.plan;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.Map;
import java.util.Optional;

/**
 * Rules that make something else of what is written into a table (PostgreSQL documentation, 39.4): what then happens to its rows
 * cannot be returned, nor done in parts.
 */
final class RewriteRules {
    private RewriteRules() {}

    /**
     * The name of one, if there is any.
     *
     * @param event INSERT, UPDATE or DELETE
     */
    static Optional<String> on(Scene scene, QualifiedName table, String event) {
        return scene.before().catalog().definitions().tailMap("rule " + table.sql() + ".").entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith("rule " + table.sql() + "."))
                .filter(entry -> entry.getValue().contains(" ON " + event + " TO "))
                .map(Map.Entry::getKey)
                .map(identity -> ObjectName.of(identity).name())
                .findFirst();
    }
}
