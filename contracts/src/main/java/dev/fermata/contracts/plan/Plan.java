package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.order.WorkOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides what will happen on the target. Its digest is what people approve: the same order, target and
 * catalog give the same bytes.
 *
 * @param database identity of the target as the server tells it: system identifier and database name
 * @param catalogFingerprint {@code sha256:...} of the objects the plan touches, as they were when it was drafted
 * @param tables schema-qualified tables that exist and are touched, sorted
 * @param objects identities, as in a catalog snapshot, of what else exists and is changed or removed, sorted; null for
 *     none
 * @param rollback how the whole is taken back
 * @param contractFrom number of the first step that waits until people say that nobody uses the old names any more, and
 *     with it all that follow; null where none waits
 */
public record Plan(
        RunId runId,
        int revision,
        DatabaseIdentity database,
        WorkOrder.Strategy strategy,
        List<Step> steps,
        Rollback rollback,
        Settings settings,
        String catalogFingerprint,
        List<String> tables,
        @Nullable List<String> objects,
        List<RedFlag> redFlags,
        @Nullable Integer contractFrom) {
    public Plan {
        Fields.required(runId, "plan.runId");
        Fields.required(database, "plan.database");
        Fields.required(strategy, "plan.strategy");
        steps = Fields.copy(steps);
        Fields.required(rollback, "plan.rollback");
        Fields.required(settings, "plan.settings");
        Fields.text(catalogFingerprint, "plan.catalogFingerprint");
        tables = Fields.copy(tables);
        objects = objects == null || objects.isEmpty() ? null : List.copyOf(objects);
        redFlags = Fields.copy(redFlags);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).no() != i + 1) {
                throw new IllegalArgumentException(
                        "plan.steps[" + i + "].no: " + steps.get(i).no() + " (expected: " + (i + 1) + ")");
            }
        }
        if (contractFrom != null && contractFrom < 1) {
            throw new IllegalArgumentException("plan.contractFrom: " + contractFrom + " (expected: at least 1)");
        }
    }

    /** One whose steps all run at once, and touch nothing but tables. */
    public Plan(
            RunId runId,
            int revision,
            DatabaseIdentity database,
            WorkOrder.Strategy strategy,
            List<Step> steps,
            Rollback rollback,
            Settings settings,
            String catalogFingerprint,
            List<String> tables,
            List<RedFlag> redFlags) {
        this(
                runId,
                revision,
                database,
                strategy,
                steps,
                rollback,
                settings,
                catalogFingerprint,
                tables,
                null,
                redFlags,
                null);
    }

    /** Number of the last step that does not wait for the word to contract; the last of all where none does. */
    @JsonIgnore
    public int lastBeforeContract() {
        return contractFrom == null ? steps.size() : Math.min(contractFrom - 1, steps.size());
    }

    /** {@code sha256:} and 64 hex digits over the canonical JSON (RFC 8785) of this plan. */
    @JsonIgnore
    public String digest() {
        return CanonicalJson.digest(this);
    }

    /** What does not get its old definition again by the generated rollback, by identity in the catalog. */
    @JsonIgnore
    public List<String> leaves() {
        return steps.stream()
                .flatMap(step -> Optional.ofNullable(step.inverse()).stream())
                .flatMap(inverse -> inverse.leaves().stream())
                .distinct()
                .toList();
    }

    /** The server and database a plan is for, so that it cannot run on another one behind the same name. */
    public record DatabaseIdentity(String systemIdentifier, String name) {
        public DatabaseIdentity {
            Fields.text(systemIdentifier, "database.systemIdentifier");
            Fields.text(name, "database.name");
        }
    }

    /** Session settings of every step. */
    public record Settings(Duration lockTimeout, int lockAttempts, Duration statementTimeout) {
        public Settings {
            Fields.required(lockTimeout, "settings.lockTimeout");
            Fields.required(statementTimeout, "settings.statementTimeout");
        }
    }

    /**
     * The way back of the whole plan.
     *
     * @param steps the author's own rollback, ready to run; empty when it is generated from the steps' inverses
     */
    public record Rollback(Source source, List<Step> steps) {
        public Rollback {
            Fields.required(source, "rollback.source");
            steps = Fields.copy(steps);
        }
    }

    /** Where the rollback comes from. */
    public enum Source {
        GENERATED,
        AUTHOR;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }
}
