package dev.fermata.contracts.outcome;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.ValidationResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The supervisor's last word about a run.
 *
 * @param summary one sentence for people
 * @param planDigest null when no plan came to be
 * @param metrics numbers by name with the unit last in the name, such as {@code migratingMillis}
 * @param rootCause null for a success
 * @param nextSteps what somebody should do now; for a failure at least one
 */
public record Outcome(
        RunResult result,
        String summary,
        @Nullable String planDigest,
        List<Gate> gates,
        List<ChecklistItem> checklist,
        List<ValidationResult> validations,
        Map<String, Long> metrics,
        @Nullable Failure rootCause,
        List<String> nextSteps,
        Instant startedAt,
        Instant endedAt) {
    public Outcome {
        Fields.required(result, "outcome.result");
        Fields.text(summary, "outcome.summary");
        gates = Fields.copy(gates);
        checklist = Fields.copy(checklist);
        validations = Fields.copy(validations);
        metrics = Fields.copy(metrics);
        nextSteps = Fields.copy(nextSteps);
        Fields.required(startedAt, "outcome.startedAt");
        Fields.required(endedAt, "outcome.endedAt");
    }
}
