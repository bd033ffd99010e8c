package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import java.util.List;

/** The ends of a run. */
final class Aftermath {
    private Aftermath() {}

    /** Data, catalog and application are as they should be: the end, or the wait until nobody uses the old names. */
    static Decision well(Transition transition) {
        return transition.run().isContracted()
                ? succeed(transition)
                : awaitContract(
                        transition, "old and new names both work; the old ones go when nobody uses them any more");
    }

    /** Both names work, and nothing more happens by itself. */
    static Decision awaitContract(Transition transition, String reason) {
        return transition
                .forget(RunEvent.Timer.SILENCE)
                .to(
                        RunState.AWAITING_CONTRACT,
                        reason,
                        "whoever runs the application, once it uses the new names only: fermata wo contract "
                                + transition.run().id().order() + " --reason TEXT")
                .decided();
    }

    private static Decision succeed(Transition transition) {
        int steps = transition.run().dossier().stepsDone();
        return transition
                .end(
                        RunState.SUCCEEDED,
                        RunResult.SUCCEEDED,
                        steps + (steps == 1 ? " step" : " steps") + " took effect, verified"
                                + (transition.run().hasProbes() ? ", the application stayed well" : ""),
                        List.of())
                .decided();
    }

    /** A change that had succeeded cannot be taken back, and nothing was tried. */
    static Decision stillInEffect(Transition transition, Failure failure) {
        transition.know(transition.run().dossier().withFailure(null));
        return transition
                .end(
                        RunState.SUCCEEDED,
                        RunResult.SUCCEEDED,
                        "still in effect, as it cannot be taken back: " + failure.message(),
                        List.of("see to what the reason names, then: fermata wo rollback "
                                + transition.run().id().order() + " --reason TEXT"))
                .decided();
    }

    /** Nothing was changed on the target. */
    static Decision fail(Transition transition, Failure failure) {
        transition.know(transition.run().dossier().withFailure(failure));
        return transition
                .end(
                        RunState.FAILED,
                        RunResult.FAILED,
                        failure.message() + "; production was not touched",
                        List.of(
                                "fermata target check " + transition.run().id().target(),
                                "post the order again when the reason is gone"))
                .decided();
    }

    static Decision rolledBack(Transition transition, int steps) {
        Run run = transition.run();
        Failure cause = run.dossier().failure();
        if (cause != null && cause.code().equals("cancelled") && steps == 0) {
            return transition
                    .end(
                            RunState.CANCELLED,
                            RunResult.CANCELLED,
                            run.reason() + "; production was not touched",
                            List.of())
                    .decided();
        }
        return transition
                .end(
                        RunState.ROLLED_BACK,
                        RunResult.ROLLED_BACK,
                        run.reason() + "; " + steps + (steps == 1 ? " step" : " steps")
                                + " taken back, the catalog is what it was",
                        List.of("read the root cause, amend the change, post it again"))
                .decided();
    }
}
