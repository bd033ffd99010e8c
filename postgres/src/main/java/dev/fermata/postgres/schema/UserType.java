package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An enum, domain, composite, range or base type that somebody made.
 *
 * @param labels of an enum, in order
 * @param baseType of a domain, else null
 * @param constraints of a domain: NOT NULL, and its CHECKs as the server prints them
 * @param usedBy columns with the type, or an array of it, or a domain over it
 */
public record UserType(
        QualifiedName name,
        Kind kind,
        List<String> labels,
        @Nullable String baseType,
        List<String> constraints,
        List<ColumnName> usedBy) {
    public UserType {
        labels = List.copyOf(labels);
        constraints = List.copyOf(constraints);
        usedBy = List.copyOf(usedBy);
    }

    /** What sort of type. */
    public enum Kind {
        ENUM,
        DOMAIN,
        COMPOSITE,
        RANGE,
        BASE
    }
}
