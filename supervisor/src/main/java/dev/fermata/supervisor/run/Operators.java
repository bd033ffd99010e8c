package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import java.util.List;

/** What people ask for in the middle of it. */
final class Operators {
    private Operators() {}

    static Decision cancelled(Transition transition, WorkOrderMessage.WorkOrderCancelled message) {
        Run run = transition.run();
        String why = "cancelled by " + message.by().name() + ": " + message.reason();
        return switch (run.state()) {
            case BACKING_UP, MIGRATING, VERIFYING, SOAKING, AWAITING_CONTRACT, CONTRACTING ->
                transition.rollBack(why, Failure.of("cancelled", why)).decided();
            case ROLLING_BACK -> Decision.ignore(run, "being taken back already");
            case ESCALATED ->
                run.dossier().approval() == null
                        ? cancel(transition, why)
                        : transition.rollBack(why, Failure.of("cancelled", why)).decided();
            case PREPARING -> {
                transition.abort(why);
                yield cancel(transition, why);
            }
            case ISSUED, ANALYSING, AWAITING_APPROVAL, SCHEDULED, CHANGES_REQUESTED -> cancel(transition, why);
            case SUCCEEDED, ROLLED_BACK, REJECTED, CANCELLED, FAILED -> Decision.ignore(run, "ended already");
        };
    }

    private static Decision cancel(Transition transition, String why) {
        transition.know(transition.run().dossier().withFailure(Failure.of("cancelled", why)));
        return transition
                .end(RunState.CANCELLED, RunResult.CANCELLED, why + "; production was not touched", List.of())
                .decided();
    }

    static Decision asked(Transition transition, WorkOrderMessage.OperatorRequested message) {
        return switch (message.action()) {
            case ROLLBACK -> rollback(transition, message);
            case PAUSE -> pause(transition, message);
            case RESUME -> resume(transition, message);
            case CONTRACT -> contract(transition, message);
        };
    }

    private static Decision contract(Transition transition, WorkOrderMessage.OperatorRequested message) {
        Run run = transition.run();
        if (run.state() == RunState.AWAITING_CONTRACT && run.dossier().isPaused()) {
            transition.know(run.dossier().withSpeed(DirectiveMessage.PaceOrdered.FULL_SPEED, message.reason()));
        }
        return run.state() == RunState.AWAITING_CONTRACT
                ? transition
                        .to(
                                RunState.CONTRACTING,
                                "the old names go, says " + message.by().name() + ": " + message.reason(),
                                "the execution worker")
                        .direct()
                        .decided()
                : Decision.ignore(
                        run,
                        "nothing waits to be contracted while it is "
                                + run.state().wire());
    }

    private static Decision pause(Transition transition, WorkOrderMessage.OperatorRequested message) {
        Run run = transition.run();
        if (!goesForward(run.state())) {
            return Decision.ignore(
                    run, "there is nothing to pause while it is " + run.state().wire());
        }
        if (run.dossier().isPaused()) {
            return Decision.ignore(run, "paused already");
        }
        String why = "paused by " + message.by().name() + ": " + message.reason();
        return transition
                .know(run.dossier().withSpeed(0, why))
                .pace()
                .stay(why, "an operator: fermata wo resume " + run.id().order() + " --reason TEXT")
                .decided();
    }

    private static Decision resume(Transition transition, WorkOrderMessage.OperatorRequested message) {
        Run run = transition.run();
        Dossier.Speed speed = run.dossier().speed();
        int is = speed == null ? DirectiveMessage.PaceOrdered.FULL_SPEED : speed.percent();
        Integer asked = message.percent();
        int percent = asked == null ? DirectiveMessage.PaceOrdered.FULL_SPEED : asked;
        if (!goesForward(run.state()) || is == percent) {
            return Decision.ignore(run, "it goes at " + is + " % of its speed already, or not forward");
        }
        String why = (percent == DirectiveMessage.PaceOrdered.FULL_SPEED
                        ? "resumed by "
                        : "resumed at " + percent + " % of its speed by ")
                + message.by().name() + ": " + message.reason();
        return transition
                .know(run.dossier().withSpeed(percent, why))
                .pace()
                .stay(why, Probing.waitsFor(run.dossier()))
                .decided();
    }

    static boolean goesForward(RunState state) {
        return state == RunState.BACKING_UP || state == RunState.MIGRATING || state == RunState.CONTRACTING;
    }

    private static Decision rollback(Transition transition, WorkOrderMessage.OperatorRequested message) {
        Run run = transition.run();
        String why = "rollback ordered by " + message.by().name() + ": " + message.reason();
        return switch (run.state()) {
            case BACKING_UP, MIGRATING, VERIFYING, SOAKING, AWAITING_CONTRACT, CONTRACTING, SUCCEEDED ->
                transition.rollBack(why, Failure.of("rollback-ordered", why)).decided();
            case ESCALATED ->
                run.dossier().approval() == null
                        ? Decision.ignore(run, "nothing was executed")
                        : transition
                                .rollBack(why, Failure.of("rollback-ordered", why))
                                .decided();
            case ISSUED, ANALYSING, PREPARING, AWAITING_APPROVAL, SCHEDULED, CHANGES_REQUESTED ->
                Decision.ignore(run, "nothing was executed yet; cancel the order instead");
            case ROLLING_BACK -> Decision.ignore(run, "being taken back already");
            case ROLLED_BACK, REJECTED, CANCELLED, FAILED -> Decision.ignore(run, "ended already");
        };
    }
}
