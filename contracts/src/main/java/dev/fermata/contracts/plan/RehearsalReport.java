package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.plan.Plan.Source;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the plan went on a clone: forward, validated, back, compared, forward again.
 *
 * @param cloneKind how the clone was made: {@code dump}, {@code sample}, {@code template}, {@code schema}, {@code branch}
 * @param passed whether all of it went as it must
 * @param failure what did not, null when it passed
 * @param differences what the rollback left different from the start, for people; empty when it passed
 * @param catalogAfter {@code sha256:...} of the whole user catalog after the change; production must come to the same
 * @param queryGuard what becomes of the application's queries; null where it was not tried
 * @param equivalence whether the plan leads to the same as the author's statements; null where the plan runs them as they
 *     are written
 * @param rollbacks how each way back went: the plan's own first
 * @param betterRollback which of two ways back is the better one; null where there are not two, or neither restores
 * @param beforeContract what the catalog is like where the plan waits for the word to contract; null where it does not
 * @param cloneNotes in what the clone is not like the target, for people
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
        @Nullable QueryGuard queryGuard,
        @Nullable Equivalence equivalence,
        List<RollbackTrial> rollbacks,
        @Nullable Source betterRollback,
        List<String> cloneNotes,
        @Nullable Halfway beforeContract) {
    public RehearsalReport {
        Fields.text(cloneKind, "rehearsal.cloneKind");
        forward = Fields.copy(forward);
        back = Fields.copy(back);
        validations = Fields.copy(validations);
        differences = Fields.copy(differences);
        Fields.required(elapsed, "rehearsal.elapsed");
        catalogIdentities = Fields.copy(catalogIdentities);
        rollbacks = Fields.copy(rollbacks);
        cloneNotes = Fields.copy(cloneNotes);
    }

    /** Without a word on equivalence, on other ways back and on the clone. */
    public RehearsalReport(
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
        this(
                cloneKind,
                passed,
                failure,
                forward,
                back,
                validations,
                differences,
                catalogAfter,
                elapsed,
                catalogIdentities,
                queryGuard,
                null,
                List.of(),
                null,
                List.of(),
                null);
    }

    /**
     * The catalog with both names in it.
     *
     * @param catalog {@code sha256:...} as {@code catalogAfter}
     * @param identities the objects that differ from the start
     */
    public record Halfway(String catalog, List<String> identities) {
        public Halfway {
            Fields.text(catalog, "rehearsal.beforeContract.catalog");
            identities = Fields.copy(identities);
        }
    }

    /** Every object of the catalog that is, or was for a while, not as at the start; sorted. */
    @JsonIgnore
    public List<String> allIdentities() {
        if (beforeContract == null) {
            return catalogIdentities;
        }
        return Stream.concat(catalogIdentities.stream(), beforeContract.identities().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * What one step took on the clone; {@code rows} is -1 where no rows are counted.
     *
     * @param facts what was measured; null where nothing was
     */
    public record StepTiming(
            int step, Duration elapsed, long rows, @Nullable StepFacts facts) {
        public StepTiming {
            Fields.required(elapsed, "timing.elapsed");
        }
    }
}
