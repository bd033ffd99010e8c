package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What takes a step back.
 *
 * @param kind how it is run; for {@link StepKind#BATCHES} the before-images kept by the step are put back and {@code sql}
 *     is one statement per key range
 * @param sql in the order to run
 * @param lossless whether neither old data nor what the application wrote meanwhile is lost
 * @param note what is lost when it is not, null otherwise
 */
public record Inverse(
        StepKind kind,
        List<String> sql,
        boolean lossless,
        @Nullable String note) {
    public Inverse {
        Fields.required(kind, "inverse.kind");
        sql = Fields.copy(sql);
        if (!lossless && note == null) {
            throw new IllegalArgumentException(
                    "inverse.note: missing (expected: what a rollback loses, as it is not lossless)");
        }
    }
}
