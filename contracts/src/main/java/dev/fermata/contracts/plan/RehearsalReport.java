package dev.fermata.contracts.plan;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ValidationResult;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the plan went on a clone: forward, validated, back, compared, forward again.
 *
 * @param cloneKind how the clone was made: {@code dump}, {@code template}, {@code schema}
 * @param passed whether all of it went as it must
 * @param failure what did not, null when it passed
 * @param differences what the rollback left different from the start, for people; empty when it passed
 * @param catalogAfter {@code sha256:...} of the whole user catalog after the change; production must come to the same
 * @param queryGuard what becomes of the application's queries; null where it was not tried
 */
public record RehearsalReport(
        String cloneKind,
        boolean passed,
        @Nullable Failure failure,
        List<StepTiming> forward,
        List<StepTiming> back,
        List<ValidationResult> validations,
        List<String> differences,
        @Nullable String catalogAfter,
        Duration elapsed,
        List<String> catalogIdentities,
        @Nullable QueryGuard queryGuard) {
    public RehearsalReport {
        Fields.text(cloneKind, "rehearsal.cloneKind");
        forward = Fields.copy(forward);
        back = Fields.copy(back);
        validations = Fields.copy(validations);
        differences = Fields.copy(differences);
        Fields.required(elapsed, "rehearsal.elapsed");
        catalogIdentities = Fields.copy(catalogIdentities);
    }

    /** What one step took on the clone; {@code rows} is -1 where no rows are counted. */
    public record StepTiming(int step, Duration elapsed, long rows) {
        public StepTiming {
            Fields.required(elapsed, "timing.elapsed");
        }
    }
}
