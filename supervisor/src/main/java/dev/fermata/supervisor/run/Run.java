package dev.fermata.supervisor.run;

import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One work order on one target, as the supervisor knows it.
 *
 * @param revision of the order that is being worked on
 * @param environment of the target, as this supervisor's registry has it
 * @param hasProbes whether anything watches the application during this run
 * @param epoch of the last directive
 * @param sequence of the last state change that was told
 * @param tries how often the present directive was given again because the worker failed
 * @param silences how often it was given again because the worker fell silent, since its last sign of life
 * @param replans how often the plan was drafted anew because the catalog had changed
 * @param looked whether the application was looked at in the present state
 * @param probeFailures failed observations in a row
 * @param lastProbe what the last failed one said
 * @param approvalExpires when the open question lapses, null when none is open
 * @param stay milliseconds spent in each state so far, by its wire name
 */
public record Run(
        RunId id,
        int revision,
        WorkOrder order,
        String environment,
        boolean hasProbes,
        RunState state,
        String reason,
        long epoch,
        long sequence,
        int tries,
        int silences,
        int replans,
        boolean looked,
        int probeFailures,
        @Nullable String lastProbe,
        @Nullable Instant approvalExpires,
        Instant startedAt,
        Instant since,
        Map<String, Long> stay,
        Dossier dossier) {

    public Run {
        Fields.required(id, "id");
        Fields.required(order, "order");
        Fields.required(state, "state");
        Fields.required(startedAt, "startedAt");
        Fields.required(since, "since");
        stay = Fields.copy(stay);
        Fields.required(dossier, "dossier");
    }

    static Run begin(RunId id, int revision, WorkOrder order, String environment, boolean hasProbes, Instant now) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                RunState.ISSUED,
                "accepted",
                0,
                0,
                0,
                0,
                0,
                false,
                0,
                null,
                null,
                now,
                now,
                Map.of(),
                Dossier.EMPTY);
    }

    /** The next revision begins from nothing but its number of directives and of told states. */
    Run amended(int nextRevision, WorkOrder amendedOrder, boolean probes) {
        return new Run(
                id,
                nextRevision,
                amendedOrder,
                environment,
                probes,
                state,
                reason,
                epoch,
                sequence,
                0,
                0,
                0,
                false,
                0,
                null,
                null,
                startedAt,
                since,
                stay,
                Dossier.EMPTY);
    }

    Run inState(RunState next, String why, Instant now) {
        Map<String, Long> stays = new LinkedHashMap<>(stay);
        stays.merge(state.wire(), Duration.between(since, now).toMillis(), Long::sum);
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                next,
                why,
                epoch,
                sequence + 1,
                0,
                0,
                replans,
                false,
                0,
                lastProbe,
                approvalExpires,
                startedAt,
                now,
                stays,
                dossier);
    }

    /** Still in the same state, for another reason. */
    Run becauseOf(String why) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                why,
                epoch,
                sequence + 1,
                tries,
                silences,
                replans,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    Run with(Dossier next) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                tries,
                silences,
                replans,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                next);
    }

    Run withNextEpoch() {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch + 1,
                sequence,
                tries,
                silences,
                replans,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    Run withTries(int value) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                value,
                silences,
                replans,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    Run withSilences(int value) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                tries,
                value,
                replans,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    Run withReplans(int value) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                tries,
                silences,
                value,
                looked,
                probeFailures,
                lastProbe,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    /** The application was looked at. */
    Run withProbe(int failures, @Nullable String last) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                tries,
                silences,
                replans,
                true,
                failures,
                last,
                approvalExpires,
                startedAt,
                since,
                stay,
                dossier);
    }

    Run withApprovalExpires(@Nullable Instant value) {
        return new Run(
                id,
                revision,
                order,
                environment,
                hasProbes,
                state,
                reason,
                epoch,
                sequence,
                tries,
                silences,
                replans,
                looked,
                probeFailures,
                lastProbe,
                value,
                startedAt,
                since,
                stay,
                dossier);
    }

    boolean isProduction() {
        return environment.equals("production");
    }

    /** Whether the application is to be watched now. */
    public boolean isProbed() {
        return hasProbes
                && switch (state) {
                    case SCHEDULED, MIGRATING, VERIFYING, SOAKING, CONTRACTING -> true;
                    default -> false;
                };
    }

    /** Whether no step waits any more until nobody uses the old names. */
    boolean isContracted() {
        var plan = dossier.plan();
        return plan == null
                || plan.contractFrom() == null
                || dossier.stepsDone() >= plan.steps().size();
    }

    /**
     * Whether the old names may be gone, so that everybody uses the new ones: then taking all of it back by itself would do
     * the harm that it should prevent.
     */
    boolean hasBegunToContract() {
        var plan = dossier.plan();
        return plan != null
                && plan.contractFrom() != null
                && (state == RunState.CONTRACTING || dossier.stepsDone() > plan.lastBeforeContract());
    }

    /** Whether it was over, and well, before somebody ordered it to be taken back. */
    boolean hadSucceeded() {
        return stay.containsKey(RunState.SUCCEEDED.wire());
    }

    /** The plan and its digest, once there is one. */
    Optional<Planned> planned() {
        var plan = dossier.plan();
        var digest = dossier.digest();
        return plan == null || digest == null ? Optional.empty() : Optional.of(new Planned(plan, digest));
    }

    /** A plan with the digest that names it. */
    record Planned(Plan plan, String digest) {}
}
