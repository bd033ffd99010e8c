package dev.fermata.supervisor.run;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.run.RunState;
import java.time.Instant;

/**
 * What should happen next to a run.
 *
 * <pre>
 * issued -> analysing -> preparing -> awaiting-approval -> scheduled -> backing-up -> migrating -> verifying -> soaking
 *   -> succeeded
 * analysing, preparing, awaiting-approval -> changes-requested -> (amended) analysing
 * backing-up .. soaking, escalated -> rolling-back -> rolled-back | escalated
 * </pre>
 *
 * Messages may come twice, late or out of order: what belongs to another revision, epoch or state is ignored with a reason.
 * Draws no random number and reads no clock.
 */
public final class RunDecider {
    private final Settings settings;

    public RunDecider(Settings settings) {
        this.settings = settings;
    }

    /** A run begins with the order that was issued. */
    public Decision begin(RunId id, int revision, WorkOrder order, String environment, boolean hasProbes, Instant now) {
        Transition transition =
                new Transition(settings, Run.begin(id, revision, order, environment, hasProbes, now), now);
        return startAnalysis(transition, "waits for the analysis of the change").decided();
    }

    private static Transition startAnalysis(Transition transition, String reason) {
        return transition
                .to(RunState.ANALYSING, reason, "the analysis worker")
                .remind(
                        RunEvent.Timer.ANALYSIS,
                        transition.now().plus(transition.settings().analysisWithin()));
    }

    /** What should become of the run. */
    public Decision decide(Run run, RunEvent event, Instant now) {
        if (run.state().isEnd() && !takesBackWhatSucceeded(run, event)) {
            return Decision.ignore(run, "the run has ended: " + run.state().wire());
        }
        Transition transition = new Transition(settings, run, now);
        return switch (event) {
            case RunEvent.Impact heard -> impact(transition, heard.message());
            case RunEvent.Execution heard -> execution(transition, heard.message());
            case RunEvent.Approval heard -> approval(transition, heard.message());
            case RunEvent.Order heard -> order(transition, heard.message());
            case RunEvent.TimerFired fired -> Timers.fired(transition, fired.timer());
            case RunEvent.Probed probed -> Probing.observed(transition, probed);
        };
    }

    /** The one thing that can become of a run that has ended. */
    private static boolean takesBackWhatSucceeded(Run run, RunEvent event) {
        return run.state() == RunState.SUCCEEDED
                && event instanceof RunEvent.Order order
                && order.message() instanceof WorkOrderMessage.OperatorRequested asked
                && asked.action() == WorkOrderMessage.OperatorRequested.Action.ROLLBACK;
    }

    private static Decision impact(Transition transition, ImpactMessage message) {
        Run run = transition.run();
        if (message.revision() != run.revision()) {
            return Decision.ignore(run, "about revision " + message.revision() + ", now at " + run.revision());
        }
        return Analysis.heard(transition, message);
    }

    private static Decision execution(Transition transition, ExecutionMessage message) {
        Run run = transition.run();
        if (message.revision() != run.revision()) {
            return Decision.ignore(run, "about revision " + message.revision() + ", now at " + run.revision());
        }
        return message.epoch() == run.epoch()
                ? Execution.heard(transition, message)
                : Execution.heardLate(transition, message);
    }

    private static Decision approval(Transition transition, ApprovalMessage message) {
        Run run = transition.run();
        if (message.revision() != run.revision() && run.state() != RunState.AWAITING_APPROVAL) {
            return Decision.ignore(run, "about revision " + message.revision() + ", now at " + run.revision());
        }
        return Approvals.heard(transition, message);
    }

    private static Decision order(Transition transition, WorkOrderMessage message) {
        Run run = transition.run();
        return switch (message) {
            case WorkOrderMessage.WorkOrderIssued issued -> Decision.ignore(run, "known already");
            case WorkOrderMessage.WorkOrderAmended amended -> amended(transition, amended);
            case WorkOrderMessage.WorkOrderCancelled cancelled -> Operators.cancelled(transition, cancelled);
            case WorkOrderMessage.OperatorRequested asked -> Operators.asked(transition, asked);
        };
    }

    private static Decision amended(Transition transition, WorkOrderMessage.WorkOrderAmended message) {
        Run run = transition.run();
        boolean untouched =
                switch (run.state()) {
                    case ISSUED, ANALYSING, PREPARING, AWAITING_APPROVAL, SCHEDULED, CHANGES_REQUESTED -> true;
                    default -> false;
                };
        if (message.revision() <= run.revision() || !untouched) {
            return Decision.ignore(
                    run,
                    "revision " + message.revision() + " comes too late: "
                            + run.state().wire());
        }
        boolean probes = run.hasProbes() || !message.order().probes().isEmpty();
        if (run.state() == RunState.PREPARING) {
            transition.abort("amended by " + message.by().name());
        }
        transition
                .become(transition.run().amended(message.revision(), message.order(), probes))
                .forget(RunEvent.Timer.SILENCE)
                .forget(RunEvent.Timer.APPROVAL)
                .forget(RunEvent.Timer.WINDOW)
                .forget(RunEvent.Timer.WINDOW_END);
        return startAnalysis(transition, "amended by " + message.by().name()).decided();
    }
}
