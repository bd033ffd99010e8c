package dev.fermata.supervisor.run;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRequested;
import dev.fermata.contracts.message.ApprovalMessage.DecisionRefused;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import dev.fermata.supervisor.policy.ApprovalPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** From the rehearsed plan to the yes, and from the yes to the first moment it may run. */
final class Approvals {
    private Approvals() {}

    /** The plan passed its rehearsal: the policy says yes, or somebody is asked. */
    static Decision ask(Transition transition) {
        Run run = transition.run();
        ImpactReport impact = run.dossier().impact();
        Run.Planned planned = run.planned().orElseThrow();
        if (impact == null) {
            throw new IllegalStateException("run " + run.id() + " has a plan without an impact report");
        }
        transition.forget(RunEvent.Timer.SILENCE);
        List<RedFlag> flags =
                ApprovalPolicy.redFlags(planned.plan(), run.dossier().rehearsal());
        List<String> reasons = ApprovalPolicy.reasonsToAsk(run.environment(), impact, flags);
        if (reasons.isEmpty()) {
            String why = "low risk on " + run.environment();
            transition.say(new ApprovalGranted(
                    run.id(), run.revision(), planned.digest(), ApprovalPolicy.ACTOR, why, transition.now()));
            return approved(transition, new Dossier.Yes(ApprovalPolicy.ACTOR, planned.digest(), why, transition.now()));
        }
        RiskLevel risk = ApprovalPolicy.risk(impact, flags);
        Instant expires = transition
                .now()
                .plus(
                        run.isProduction()
                                ? transition.settings().approvalWithin()
                                : transition.settings().approvalWithinElsewhere());
        transition
                .become(run.withApprovalExpires(expires))
                .to(
                        RunState.AWAITING_APPROVAL,
                        "risk " + risk.wire() + ": " + String.join("; ", reasons),
                        "an approver other than " + run.order().author() + ": fermata wo approve "
                                + run.id().order() + " --digest " + planned.digest() + " -m TEXT")
                .remind(RunEvent.Timer.APPROVAL, expires)
                .say(new ApprovalRequested(
                        run.id(),
                        run.revision(),
                        planned.digest(),
                        "May '" + run.order().title() + "' run on " + run.id().target() + " in "
                                + planned.plan().steps().size() + " steps?",
                        run.order().author(),
                        run.environment(),
                        risk,
                        reasons,
                        flags,
                        transition.now(),
                        expires));
        return transition.decided();
    }

    static Decision heard(Transition transition, ApprovalMessage message) {
        Run run = transition.run();
        return switch (message) {
            case ApprovalRequested own -> Decision.ignore(run, "the supervisor's own question");
            case ApprovalMessage.ApprovalExpired own -> Decision.ignore(run, "the supervisor's own word");
            case DecisionRefused own -> Decision.ignore(run, "the supervisor's own word");
            case ApprovalGranted granted -> granted(transition, granted);
            case ApprovalMessage.ApprovalRejected rejected -> rejected(transition, rejected);
            case ApprovalMessage.ChangesRequested changes -> changes(transition, changes);
        };
    }

    private static Decision granted(Transition transition, ApprovalGranted message) {
        Run run = transition.run();
        Dossier.Yes yes = run.dossier().approval();
        if (yes != null && yes.digest().equals(message.digest())) {
            return Decision.ignore(run, "approved already");
        }
        if (message.by().equals(ApprovalPolicy.ACTOR) && run.state() != RunState.AWAITING_APPROVAL) {
            return Decision.ignore(run, "the policy's own word");
        }
        Optional<ApprovalPolicy.Refusal> refusal = notPending(transition, message.digest())
                .or(() -> ApprovalPolicy.refusal(
                        message.by(),
                        run.order().author(),
                        run.environment(),
                        transition.settings().selfApproval()));
        if (refusal.isPresent()) {
            return refuse(transition, message.by(), message.digest(), refusal.get());
        }
        transition.forget(RunEvent.Timer.APPROVAL);
        return approved(transition, new Dossier.Yes(message.by(), message.digest(), message.comment(), message.at()));
    }

    /** An answer counts only while the question is open, and only to the plan that it names. */
    private static Optional<ApprovalPolicy.Refusal> notPending(Transition transition, String digest) {
        Run run = transition.run();
        Instant expires = run.approvalExpires();
        if (run.state() != RunState.AWAITING_APPROVAL) {
            return Optional.of(new ApprovalPolicy.Refusal(
                    "not-pending",
                    "the run does not wait for an approval; it is "
                            + run.state().wire()));
        }
        if (expires != null && transition.now().isAfter(expires)) {
            return Optional.of(new ApprovalPolicy.Refusal("expired", "the question lapsed at " + expires));
        }
        return ApprovalPolicy.staleness(digest, run.planned().orElseThrow().digest());
    }

    private static Decision refuse(Transition transition, Actor by, String digest, ApprovalPolicy.Refusal refusal) {
        Run run = transition.run();
        return transition
                .say(new DecisionRefused(
                        run.id(), run.revision(), digest, by, refusal.code(), refusal.message(), transition.now()))
                .decided();
    }

    private static Decision rejected(Transition transition, ApprovalMessage.ApprovalRejected message) {
        Optional<ApprovalPolicy.Refusal> refusal = notPending(transition, message.digest());
        if (refusal.isPresent()) {
            return refuse(transition, message.by(), message.digest(), refusal.get());
        }
        transition.know(transition.run().dossier().withFailure(Failure.of("rejected", message.reason())));
        return transition
                .end(
                        RunState.REJECTED,
                        RunResult.REJECTED,
                        "rejected by " + message.by().name() + ": " + message.reason(),
                        List.of("talk to " + message.by().name(), "post another order if the change is still wanted"))
                .decided();
    }

    private static Decision changes(Transition transition, ApprovalMessage.ChangesRequested message) {
        Run run = transition.run();
        if (message.by().kind() == Actor.Kind.POLICY || run.state() == RunState.CHANGES_REQUESTED) {
            return Decision.ignore(run, "the supervisor's own word");
        }
        String digest = message.digest() == null ? "no digest" : message.digest();
        Optional<ApprovalPolicy.Refusal> refusal = notPending(transition, digest);
        if (refusal.isPresent()) {
            return refuse(transition, message.by(), digest, refusal.get());
        }
        String summary = message.by().name() + " asks for changes"
                + message.feedback().stream()
                        .findFirst()
                        .map(f -> ": " + f.problem())
                        .orElse("");
        transition.forget(RunEvent.Timer.APPROVAL).become(transition.run().withApprovalExpires(null));
        return transition
                .to(
                        RunState.CHANGES_REQUESTED,
                        summary,
                        "the author: amend the order (fermata wo amend "
                                + run.id().order() + " FILE)")
                .decided();
    }

    private static Decision approved(Transition transition, Dossier.Yes yes) {
        transition
                .know(transition.run().dossier().withApproval(yes))
                .become(transition.run().withApprovalExpires(null));
        return schedule(transition);
    }

    /** Waits for the window and for a healthy application; begins at once where neither is in the way. */
    static Decision schedule(Transition transition) {
        Run run = transition.run();
        WorkOrder.Window window = run.order().window();
        Instant now = transition.now();
        if (window != null && window.notAfter() != null && !now.isBefore(window.notAfter())) {
            return windowMissed(transition, window.notAfter());
        }
        if (window != null && window.notBefore() != null && now.isBefore(window.notBefore())) {
            return transition
                    .to(RunState.SCHEDULED, "waits for its window", "the clock: " + window.notBefore())
                    .remind(RunEvent.Timer.WINDOW, window.notBefore())
                    .decided();
        }
        if (run.hasProbes()) {
            String reason = "the application is probed before anything is done";
            if (run.state() == RunState.SCHEDULED) {
                transition.stay(reason, "the probes");
            } else {
                transition.to(RunState.SCHEDULED, reason, "the probes");
            }
            if (window != null && window.notAfter() != null) {
                transition.remind(RunEvent.Timer.WINDOW_END, window.notAfter());
            }
            return transition.decided();
        }
        return execute(transition);
    }

    static Decision windowMissed(Transition transition, Instant end) {
        return transition
                .end(
                        RunState.FAILED,
                        RunResult.FAILED,
                        "the window closed at " + end + " before the change could begin; production was not touched",
                        List.of("post the order again with another window"))
                .decided();
    }

    /** Gives the order to execute. */
    static Decision execute(Transition transition) {
        transition.forget(RunEvent.Timer.WINDOW).forget(RunEvent.Timer.WINDOW_END);
        boolean backup = transition.run().order().backup().mode() != WorkOrder.BackupMode.NONE;
        return transition
                .to(
                        backup ? RunState.BACKING_UP : RunState.MIGRATING,
                        backup
                                ? "the affected tables are kept before anything is changed"
                                : "without a backup, as ordered",
                        "the execution worker")
                .direct()
                .decided();
    }
}
