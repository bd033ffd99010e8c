package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;
import org.jspecify.annotations.Nullable;

/** The answers to a {@link ValidationQuery}, as text; null where it was not asked or could not be answered. */
public record ValidationResult(
        String name,
        boolean passed,
        @Nullable String before,
        @Nullable String after,
        @Nullable String detail) {
    public ValidationResult {
        Fields.text(name, "validation.name");
    }
}
