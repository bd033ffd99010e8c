package dev.fermata.postgres.schema;

import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A constraint of a table.
 *
 * @param columns that it speaks of, in its own order
 * @param references the table that a foreign key points to, else null
 * @param referencedColumns in the order of {@code columns}; empty unless it is a foreign key
 * @param definition as {@code pg_get_constraintdef} prints it, such as {@code CHECK ((a > 0)) NOT VALID}
 * @param validated whether all rows are known to satisfy it
 * @param inherited whether it comes from a parent table
 */
public record Constraint(
        String name,
        Kind kind,
        QualifiedName table,
        List<String> columns,
        @Nullable QualifiedName references,
        List<String> referencedColumns,
        String definition,
        boolean validated,
        boolean enforced,
        boolean deferrable,
        boolean inherited) {
    public Constraint {
        columns = List.copyOf(columns);
        referencedColumns = List.copyOf(referencedColumns);
    }

    /** What it demands. */
    public enum Kind {
        PRIMARY_KEY,
        UNIQUE,
        CHECK,
        FOREIGN_KEY,
        EXCLUSION,
        /** Since PostgreSQL 18 a constraint with a name; before, {@link Column#notNull} alone says it. */
        NOT_NULL
    }
}
