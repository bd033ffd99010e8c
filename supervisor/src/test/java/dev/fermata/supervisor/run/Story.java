package dev.fermata.supervisor.run;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRejected;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage.AnalysisFailed;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.WorkOrderMessage;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One run and what is said about it; every event is built for the run as it is now. */
final class Story {
    static final RunId ID = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    static final Settings SETTINGS = new Settings(
            Duration.ofMinutes(5),
            Duration.ofSeconds(15),
            3,
            Duration.ofHours(24),
            Duration.ofDays(7),
            3,
            List.of("development"));

    private final RunDecider decider = new RunDecider(SETTINGS);
    private final List<Message> said = new ArrayList<>();
    private final Set<RunEvent.Timer> timers = EnumSet.noneOf(RunEvent.Timer.class);
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Run run;

    private Story(String environment, boolean probes) {
        WorkOrder order = WorkOrder.of("n", "ada@example.org", List.of("shop"), "SELECT 1", null);
        run = keep(decider.begin(ID, 1, order, environment, probes, now));
    }

    static Story on(String environment) {
        return new Story(environment, false);
    }

    static Story probed(String environment) {
        return new Story(environment, true);
    }

    private Run keep(Decision decision) {
        decision.effects().forEach(effect -> {
            switch (effect) {
                case Effect.Say say -> said.add(say.message());
                case Effect.Remind remind -> timers.add(remind.timer());
                case Effect.Forget forget -> timers.remove(forget.timer());
            }
        });
        return decision.next();
    }

    Run run() {
        return run;
    }

    /** Those that will fire. */
    Set<RunEvent.Timer> timers() {
        return timers;
    }

    Instant now() {
        return now;
    }

    RunState state() {
        return run.state();
    }

    List<Message> said() {
        return said;
    }

    <T extends Message> List<T> said(Class<T> type) {
        return said.stream().filter(type::isInstance).map(type::cast).toList();
    }

    Decision would(Function<Run, RunEvent> event) {
        return decider.decide(run, event.apply(run), now);
    }

    Story when(Function<Run, RunEvent> event) {
        now = now.plusSeconds(1);
        Decision decision = would(event);
        if (event.apply(run) instanceof RunEvent.TimerFired fired) {
            timers.remove(fired.timer());
        }
        run = keep(decision);
        return this;
    }

    Story later(Duration time) {
        now = now.plus(time);
        return this;
    }

    static Function<Run, RunEvent> impact(RiskLevel risk) {
        ImpactReport report = new ImpactReport(
                180_000,
                "x",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                risk,
                List.of("why"),
                Instant.EPOCH,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        return run -> new RunEvent.Impact(new ImpactReported(ID, run.revision(), report));
    }

    static Function<Run, RunEvent> analysisFailed(boolean retryable) {
        Failure failure = retryable ? Failure.retryable("target-unreachable", "down") : Failure.of("sql-syntax", "no");
        return run -> new RunEvent.Impact(new AnalysisFailed(ID, run.revision(), failure));
    }

    private static Step step(int no) {
        return new Step(
                no,
                Phase.EXPAND,
                StepKind.TRANSACTION,
                List.of("SELECT 1"),
                List.of(),
                true,
                "as written",
                0,
                Inverse.transaction("SELECT 1"),
                List.of(),
                null);
    }

    static Plan plan() {
        return plan(List.of(step(1)), null);
    }

    /** One whose second step waits for the word to contract. */
    static Plan planInTwoParts() {
        return plan(List.of(step(1), step(2)), 2);
    }

    private static Plan plan(List<Step> steps, @Nullable Integer contractFrom) {
        return new Plan(
                ID,
                1,
                new Plan.DatabaseIdentity("1", "shop"),
                WorkOrder.Strategy.ONLINE,
                steps,
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(Duration.ofSeconds(1), 30, Duration.ofHours(1)),
                "sha256:x",
                List.of(),
                null,
                List.of(),
                contractFrom);
    }

    /** Of the plan that the run has, if it has one. */
    private static String digest(Run run) {
        return Objects.requireNonNullElse(run.dossier().digest(), digest());
    }

    static String digest() {
        return plan().digest();
    }

    private static Function<Run, RunEvent> worker(Function<Run, ExecutionMessage> message) {
        return run -> new RunEvent.Execution(message.apply(run));
    }

    static Function<Run, RunEvent> planned() {
        return planned(plan());
    }

    static Function<Run, RunEvent> planned(Plan plan) {
        return worker(run -> new ExecutionMessage.PlanPrepared(ID, run.revision(), run.epoch(), plan, plan.digest()));
    }

    /** With another catalog where it waits than at its end. */
    static Function<Run, RunEvent> rehearsedInTwoParts() {
        RehearsalReport report = new RehearsalReport(
                "dump",
                true,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "sha256:after",
                Duration.ofSeconds(1),
                List.of("column b"),
                null,
                null,
                List.of(),
                null,
                List.of(),
                new RehearsalReport.Halfway("sha256:halfway", List.of("column a", "column b")));
        return worker(
                run -> new ExecutionMessage.RehearsalReported(ID, run.revision(), run.epoch(), digest(run), report));
    }

    static Function<Run, RunEvent> rehearsed(boolean passed) {
        RehearsalReport report = new RehearsalReport(
                "dump",
                passed,
                passed ? null : Failure.of("sql-error", "no").at(0, 1, 1),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "sha256:after",
                Duration.ofSeconds(1),
                List.of(),
                null);
        return worker(run -> new ExecutionMessage.RehearsalReported(ID, run.revision(), run.epoch(), digest(), report));
    }

    /** Passed, but with this to tell. */
    static Function<Run, RunEvent> rehearsed(
            @Nullable Equivalence equivalence, List<RollbackTrial> ways, Plan.@Nullable Source better) {
        RehearsalReport report = new RehearsalReport(
                "dump",
                true,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                "sha256:after",
                Duration.ofSeconds(1),
                List.of(),
                null,
                equivalence,
                ways,
                better,
                List.of(),
                null);
        return worker(run -> new ExecutionMessage.RehearsalReported(ID, run.revision(), run.epoch(), digest(), report));
    }

    static Function<Run, RunEvent> backedUp() {
        BackupReport backup = new BackupReport("here", Instant.EPOCH, List.of(), Duration.ZERO);
        return worker(run -> new ExecutionMessage.BackupVerified(ID, run.revision(), run.epoch(), digest(run), backup));
    }

    static Function<Run, RunEvent> stepStarted() {
        return worker(run -> new ExecutionMessage.StepStarted(
                ID,
                run.revision(),
                run.epoch(),
                1,
                ExecutionMessage.Direction.FORWARD,
                1,
                "ALTER TABLE a",
                Instant.EPOCH));
    }

    static Function<Run, RunEvent> stepDone() {
        return stepDone(false);
    }

    /** @param before whether it was done by an earlier attempt */
    static Function<Run, RunEvent> stepDone(boolean before) {
        return worker(run -> new ExecutionMessage.StepCompleted(
                ID,
                run.revision(),
                run.epoch(),
                1,
                ExecutionMessage.Direction.FORWARD,
                Duration.ZERO,
                Duration.ZERO,
                -1,
                1,
                before));
    }

    static Function<Run, RunEvent> executed() {
        return executed(1);
    }

    static Function<Run, RunEvent> executed(int steps) {
        return worker(run -> new ExecutionMessage.Executed(
                ID, run.revision(), run.epoch(), digest(run), steps, Duration.ofSeconds(1)));
    }

    static Function<Run, RunEvent> verified(boolean well) {
        List<ValidationResult> results = List.of(new ValidationResult("rows", well, "1", well ? "1" : "0", null));
        return worker(run ->
                new ExecutionMessage.Verified(ID, run.revision(), run.epoch(), digest(run), results, true, List.of()));
    }

    static Function<Run, RunEvent> failed(String stage, int stepsDone, boolean retryable, String code) {
        Failure failure = retryable ? Failure.retryable(code, "no") : Failure.of(code, "no");
        return worker(run ->
                new ExecutionMessage.ExecutionFailed(ID, run.revision(), run.epoch(), stage, stepsDone, failure));
    }

    static Function<Run, RunEvent> rolledBack(boolean equal) {
        return worker(run -> new ExecutionMessage.RolledBack(
                ID, run.revision(), run.epoch(), digest(run), 1, equal, equal ? List.of() : List.of("x"), List.of()));
    }

    static Function<Run, RunEvent> rollbackFailed() {
        return worker(run -> new ExecutionMessage.RollbackFailed(
                ID, run.revision(), run.epoch(), digest(run), 1, Failure.of("sql-error", "no")));
    }

    static Function<Run, RunEvent> heartbeat() {
        return worker(
                run -> new ExecutionMessage.Heartbeat(ID, run.revision(), run.epoch(), "w", "execute", Instant.EPOCH));
    }

    static Function<Run, RunEvent> granted(String by, String digest) {
        return run -> new RunEvent.Approval(
                new ApprovalGranted(ID, run.revision(), digest, Actor.person(by), "", Instant.EPOCH));
    }

    static Function<Run, RunEvent> grantedByPolicy() {
        return run -> new RunEvent.Approval(
                new ApprovalGranted(ID, run.revision(), digest(), Actor.policy("default"), "", Instant.EPOCH));
    }

    static Function<Run, RunEvent> rejected() {
        return run -> new RunEvent.Approval(
                new ApprovalRejected(ID, run.revision(), digest(), Actor.person("bob"), "no", Instant.EPOCH));
    }

    static Function<Run, RunEvent> cancelled() {
        return run ->
                new RunEvent.Order(new WorkOrderMessage.WorkOrderCancelled(ID.order(), "enough", Actor.person("eve")));
    }

    static Function<Run, RunEvent> rollbackAsked() {
        return run -> new RunEvent.Order(new WorkOrderMessage.OperatorRequested(
                ID.order(),
                null,
                WorkOrderMessage.OperatorRequested.Action.ROLLBACK,
                "bad",
                Actor.person("eve"),
                null));
    }

    static Function<Run, RunEvent> contractAsked() {
        return run -> new RunEvent.Order(new WorkOrderMessage.OperatorRequested(
                ID.order(),
                null,
                WorkOrderMessage.OperatorRequested.Action.CONTRACT,
                "all deployed",
                Actor.person("eve"),
                null));
    }

    static Function<Run, RunEvent> pauseAsked() {
        return run -> new RunEvent.Order(new WorkOrderMessage.OperatorRequested(
                ID.order(), null, WorkOrderMessage.OperatorRequested.Action.PAUSE, "busy", Actor.person("eve"), null));
    }

    static Function<Run, RunEvent> resumeAsked(@Nullable Integer percent) {
        return run -> new RunEvent.Order(new WorkOrderMessage.OperatorRequested(
                ID.order(),
                null,
                WorkOrderMessage.OperatorRequested.Action.RESUME,
                "quiet",
                Actor.person("eve"),
                percent));
    }

    static Function<Run, RunEvent> amended() {
        return run -> new RunEvent.Order(new WorkOrderMessage.WorkOrderAmended(
                ID.order(), run.revision() + 1, run.order(), List.of(ID), Actor.person("ada"), Instant.EPOCH));
    }

    static Function<Run, RunEvent> fired(RunEvent.Timer timer) {
        return run -> new RunEvent.TimerFired(timer);
    }

    static Function<Run, RunEvent> probe(boolean well) {
        return run -> new RunEvent.Probed(well, well ? "" : "probe 'x' returned false");
    }

    /** Everything that can happen, for exploring. */
    static List<Function<Run, RunEvent>> everything() {
        List<Function<Run, RunEvent>> all = new ArrayList<>(List.of(
                impact(RiskLevel.LOW),
                impact(RiskLevel.HIGH),
                analysisFailed(true),
                analysisFailed(false),
                planned(),
                rehearsed(true),
                rehearsed(false),
                backedUp(),
                stepStarted(),
                stepDone(),
                executed(),
                verified(true),
                verified(false),
                failed("prepare", 0, true, "clone-failed"),
                failed("backup", 0, false, "backup-failed"),
                failed("execute", 0, false, "catalog-changed"),
                failed("execute", 1, false, "sql-error"),
                failed("execute", 1, true, "lock-not-available"),
                failed("execute", 1, false, "unknown-state"),
                rolledBack(true),
                rolledBack(false),
                rollbackFailed(),
                heartbeat(),
                granted("bob", digest()),
                granted("ADA@example.org", digest()),
                granted("bob", "sha256:stale"),
                grantedByPolicy(),
                rejected(),
                cancelled(),
                rollbackAsked(),
                contractAsked(),
                failed("contract", 1, false, "sql-error"),
                executed(2),
                pauseAsked(),
                resumeAsked(null),
                resumeAsked(20),
                failed("execute", 1, false, "outcome-unknown"),
                amended(),
                probe(true),
                probe(false)));
        for (RunEvent.Timer timer : RunEvent.Timer.values()) {
            all.add(fired(timer));
        }
        return all;
    }
}
