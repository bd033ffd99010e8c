package dev.fermata.supervisor.run;

import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.outcome.ChecklistItem;
import dev.fermata.contracts.outcome.Gate;
import dev.fermata.contracts.outcome.Outcome;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.RehearsalReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes the outcome of a run from its dossier: every gate with its evidence, also those that were never reached. */
final class OutcomeReport {
    private static final String WORKER = "execution worker";

    private final Run run;
    private final Dossier dossier;
    private final RunResult result;
    private final Instant now;

    private OutcomeReport(Run run, RunResult result, Instant now) {
        this.run = run;
        this.dossier = run.dossier();
        this.result = result;
        this.now = now;
    }

    static Outcome of(Run run, RunResult result, String summary, List<String> nextSteps, Instant now) {
        OutcomeReport report = new OutcomeReport(run, result, now);
        return new Outcome(
                result,
                summary,
                run.dossier().digest(),
                report.gates(),
                report.checklist(),
                run.dossier().validations(),
                report.metrics(),
                result == RunResult.SUCCEEDED
                        ? null
                        : run.dossier().failure(), // a try that failed on the way is no cause
                nextSteps,
                run.startedAt(),
                now);
    }

    private List<Gate> gates() {
        return List.of(
                planned(), backupVerified(), rollbackTested(), stagingValidated(), approved(), migrated(), verified());
    }

    private Gate planned() {
        var plan = dossier.plan();
        return plan == null
                ? open(Gate.Name.PLANNED, "no plan was drafted")
                : passed(Gate.Name.PLANNED, plan.steps().size() + " steps, " + dossier.digest(), WORKER);
    }

    private Gate backupVerified() {
        BackupReport backup = dossier.backup();
        if (backup != null) {
            long rows =
                    backup.tables().stream().mapToLong(BackupReport.Table::rows).sum();
            return passed(
                    Gate.Name.BACKUP_VERIFIED,
                    backup.tables().size() + " tables, " + rows + " rows restored and found equal, kept at "
                            + backup.location(),
                    WORKER);
        }
        if (run.order().backup().mode() == WorkOrder.BackupMode.NONE) {
            return skipped(Gate.Name.BACKUP_VERIFIED, "the order says backup.mode: none");
        }
        return open(Gate.Name.BACKUP_VERIFIED, "production was not reached");
    }

    private Gate rollbackTested() {
        RehearsalReport rehearsal = dossier.rehearsal();
        if (rehearsal == null) {
            return open(Gate.Name.ROLLBACK_TESTED, "nothing was rehearsed");
        }
        if (rehearsal.cloneKind().equals("none")) {
            return skipped(Gate.Name.ROLLBACK_TESTED, "the order says rehearsal.clone: none");
        }
        String how = "on a clone (" + rehearsal.cloneKind() + ") forward, back, compared and forward again in "
                + rehearsal.elapsed().toMillis() + " ms";
        return rehearsal.passed()
                ? passed(Gate.Name.ROLLBACK_TESTED, how, WORKER)
                : new Gate(Gate.Name.ROLLBACK_TESTED, Gate.Status.FAILED, how, now, WORKER);
    }

    private Gate stagingValidated() {
        return skipped(Gate.Name.STAGING_VALIDATED, "this target has no staging sibling in the registry");
    }

    private Gate approved() {
        Dossier.Yes yes = dossier.approval();
        return yes == null
                ? open(Gate.Name.APPROVED, "nobody approved")
                : new Gate(
                        Gate.Name.APPROVED,
                        Gate.Status.PASSED,
                        yes.digest() + (yes.comment().isBlank() ? "" : ": " + yes.comment()),
                        yes.at(),
                        yes.by().name());
    }

    private Gate migrated() {
        if (result == RunResult.SUCCEEDED) {
            return passed(Gate.Name.MIGRATED, dossier.stepsDone() + " steps in the ledger of the target", WORKER);
        }
        if (dossier.undone()) {
            return new Gate(Gate.Name.MIGRATED, Gate.Status.FAILED, "taken back", now, WORKER);
        }
        return open(Gate.Name.MIGRATED, dossier.stepsDone() + " steps took effect");
    }

    private Gate verified() {
        long failed = dossier.validations().stream().filter(v -> !v.passed()).count();
        String evidence = dossier.validations().size() + " validation queries, " + failed + " failed; catalog "
                + (dossier.catalogMatches() ? "as expected" : "not as expected");
        if (dossier.validations().isEmpty() && !dossier.catalogMatches()) {
            return open(Gate.Name.VERIFIED, "not reached");
        }
        return failed == 0 && dossier.catalogMatches()
                ? passed(Gate.Name.VERIFIED, evidence, "supervisor")
                : new Gate(Gate.Name.VERIFIED, Gate.Status.FAILED, evidence, now, "supervisor");
    }

    private Gate passed(Gate.Name name, String evidence, String by) {
        return new Gate(name, Gate.Status.PASSED, evidence, now, by);
    }

    private Gate open(Gate.Name name, String evidence) {
        return new Gate(name, Gate.Status.OPEN, evidence, null, null);
    }

    private Gate skipped(Gate.Name name, String evidence) {
        return new Gate(name, Gate.Status.SKIPPED, evidence, now, "order and policy");
    }

    private List<ChecklistItem> checklist() {
        boolean executed = dossier.stepsDone() > 0;
        boolean good = result == RunResult.SUCCEEDED;
        boolean integrity = !dossier.validations().isEmpty()
                && dossier.validations().stream().allMatch(ValidationResult::passed);
        List<ChecklistItem> items = new ArrayList<>();
        items.add(item(
                "before",
                "backup created and verified",
                dossier.backup() != null,
                backupVerified().evidence()));
        items.add(item(
                "before",
                "rollback script ready",
                dossier.plan() != null,
                rollbackTested().evidence()));
        items.add(item("before", "stakeholders notified", true, "every state change is on the topic outcomes"));
        items.add(item("before", "window scheduled", run.order().window() == null ? null : executed, window()));
        items.add(item(
                "during", "executed", executed || dossier.undone(), migrated().evidence()));
        items.add(item(
                "during",
                "progress monitored",
                executed || dossier.undone(),
                "heartbeats and steps on the topic execution"));
        items.add(item("during", "errors handled", true, dossier.blocked() + " times a lock was given way for"));
        items.add(item("during", "completion verified", good, verified().evidence()));
        items.add(item("after", "application probed", run.hasProbes() ? good : null, probes()));
        items.add(item("after", "data verified", integrity, verified().evidence()));
        items.add(item(
                "after",
                "performance compared",
                null,
                "longest lock wait " + dossier.longestLockWait().toMillis() + " ms"));
        items.add(item("after", "completion documented", true, "this outcome"));
        items.add(item("criteria", "executed without errors", good, run.reason()));
        items.add(item("criteria", "integrity passes", integrity, verified().evidence()));
        items.add(item(
                "criteria",
                "rollback tested",
                rollbackTested().status() == Gate.Status.PASSED,
                rollbackTested().evidence()));
        items.add(item("criteria", "application works", run.hasProbes() ? good : null, probes()));
        items.add(item("criteria", "performance within limits", run.hasProbes() ? good : null, probes()));
        items.add(item(
                "criteria",
                "zero data loss confirmed by validation queries",
                integrity,
                verified().evidence()));
        return items;
    }

    private String window() {
        return run.order().window() == null ? "any time" : "as the order says";
    }

    private String probes() {
        String last = run.lastProbe();
        if (!run.hasProbes()) {
            return "neither the order nor the target names a probe";
        }
        return last == null ? "every probe passed" : "last failed probe: " + last;
    }

    private static ChecklistItem item(String phase, String what, @Nullable Boolean done, String evidence) {
        return new ChecklistItem(phase, what, done, evidence);
    }

    private Map<String, Long> metrics() {
        Map<String, Long> metrics = new LinkedHashMap<>();
        metrics.put("totalMillis", Duration.between(run.startedAt(), now).toMillis());
        run.stay().forEach((state, millis) -> metrics.put(camel(state) + "Millis", millis));
        metrics.put("stepsDone", (long) dossier.stepsDone());
        metrics.put("longestLockWaitMillis", dossier.longestLockWait().toMillis());
        metrics.put("blockedAttempts", (long) dossier.blocked());
        return metrics;
    }

    /** {@code backingUp} for {@code backing-up}. */
    private static String camel(String wire) {
        return Pattern.compile("-(.)").matcher(wire).replaceAll(letter -> letter.group(1)
                .toUpperCase(Locale.ROOT));
    }
}
