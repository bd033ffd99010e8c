package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;

/**
 * A function, procedure or aggregate that somebody made.
 *
 * @param arguments their types, as SQL
 * @param body the source as stored; empty for an aggregate, or where it is not text
 * @param settings such as {@code search_path=public}
 */
public record Routine(
        QualifiedName name,
        String arguments,
        String language,
        Volatility volatility,
        boolean securityDefiner,
        List<String> settings,
        String owner,
        String body) {
    public Routine {
        settings = List.copyOf(settings);
    }

    /** What the planner may assume of it. */
    public enum Volatility {
        IMMUTABLE,
        STABLE,
        VOLATILE
    }
}
