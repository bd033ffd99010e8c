package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalExpired;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.util.List;

/** What happens because nothing happened. */
final class Timers {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);

    private Timers() {}

    static Decision fired(Transition transition, RunEvent.Timer timer) {
        Run run = transition.run();
        RunState expected =
                switch (timer) {
                    case ANALYSIS -> RunState.ANALYSING;
                    case APPROVAL -> RunState.AWAITING_APPROVAL;
                    case WINDOW, WINDOW_END -> RunState.SCHEDULED;
                    case SOAK -> RunState.SOAKING;
                    case SILENCE, AGAIN -> run.state();
                };
        if (run.state() != expected) {
            return Decision.ignore(run, timer + " while " + run.state().wire());
        }
        return switch (timer) {
            case ANALYSIS -> noAnalysis(transition);
            case SILENCE -> silent(transition);
            case AGAIN -> again(transition);
            case APPROVAL -> expired(transition);
            case WINDOW -> Approvals.schedule(transition);
            case WINDOW_END -> Approvals.windowMissed(transition, transition.now());
            case SOAK -> soaked(transition);
        };
    }

    private static Decision noAnalysis(Transition transition) {
        String why = "no impact report within " + transition.settings().analysisWithin();
        return transition
                .escalate(
                        why,
                        Failure.retryable("analysis-missing", why),
                        List.of(
                                "see that worker-analysis runs and that the target answers; the run goes on when the"
                                        + " report comes",
                                "or: fermata wo cancel " + transition.run().id().order() + " --reason TEXT"))
                .decided();
    }

    private static Decision silent(Transition transition) {
        Run run = transition.run();
        return switch (run.state()) {
            case PREPARING, BACKING_UP, MIGRATING, VERIFYING, CONTRACTING, ROLLING_BACK ->
                transition
                        .become(run.withSilences(run.silences() + 1))
                        .stay(run.reason(), "an execution worker: none was heard of, the directive is given again")
                        .direct()
                        .decided();
            default ->
                Decision.ignore(run, "no directive is open: " + run.state().wire());
        };
    }

    /** Whatever came in between has a directive of its own. */
    private static Decision again(Transition transition) {
        Run run = transition.run();
        boolean worksOn = run.state() == RunState.ANALYSING || Execution.expectsWorker(run.state());
        return worksOn && run.tries() > 0
                ? transition.again().decided()
                : Decision.ignore(
                        run, "nothing is to be tried again: " + run.state().wire());
    }

    /** A change is a success only when the last look at the application found it well. */
    private static Decision soaked(Transition transition) {
        Run run = transition.run();
        if (run.hasProbes() && (!run.looked() || run.probeFailures() > 0)) {
            return transition
                    .remind(RunEvent.Timer.SOAK, transition.now().plus(LOOK_AGAIN))
                    .decided();
        }
        return Aftermath.well(transition);
    }

    private static Decision expired(Transition transition) {
        Run run = transition.run();
        String digest = run.planned().orElseThrow().digest();
        transition
                .say(new ApprovalExpired(run.id(), run.revision(), digest, transition.now()))
                .know(run.dossier().withFailure(Failure.of("approval-expired", "nobody answered in time")));
        return transition
                .end(
                        RunState.REJECTED,
                        RunResult.REJECTED,
                        "the approval question lapsed unanswered",
                        List.of("find an approver, then post the order again"))
                .decided();
    }
}
