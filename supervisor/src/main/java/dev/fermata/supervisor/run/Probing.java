package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.run.RunState;

/** What the look at the application means. */
final class Probing {
    private Probing() {}

    static Decision observed(Transition transition, RunEvent.Probed observed) {
        Run run = transition.run();
        if (!run.isProbed()) {
            return Decision.ignore(run, "nobody asked: " + run.state().wire());
        }
        if (run.state() == RunState.SCHEDULED) {
            return before(transition, observed);
        }
        if (observed.well()) {
            return run.looked() && run.probeFailures() == 0
                    ? Decision.ignore(run, "still well")
                    : transition.become(run.withProbe(0, run.lastProbe())).decided();
        }
        int failures = run.probeFailures() + 1;
        transition.become(run.withProbe(failures, observed.detail()));
        if (failures < transition.settings().probeFailures()) {
            return transition.decided();
        }
        String why = "the application is not well: " + observed.detail() + ", " + failures + " times in a row";
        return transition.rollBack(why, Failure.of("probe-failed", why)).decided();
    }

    /** A change is not begun on an application that is sick already: nobody could tell afterwards what made it so. */
    private static Decision before(Transition transition, RunEvent.Probed observed) {
        Run run = transition.run();
        var window = run.order().window();
        if (window != null && window.notBefore() != null && transition.now().isBefore(window.notBefore())) {
            return Decision.ignore(run, "the window is not open yet");
        }
        if (window != null && window.notAfter() != null && !transition.now().isBefore(window.notAfter())) {
            return Approvals.windowMissed(transition, window.notAfter());
        }
        if (observed.well()) {
            return Approvals.execute(transition.become(run.withProbe(0, null)));
        }
        if (observed.detail().equals(run.lastProbe())) {
            return Decision.ignore(run, "still sick: " + observed.detail());
        }
        return transition
                .become(run.withProbe(run.probeFailures() + 1, observed.detail()))
                .stay(
                        "not begun: the application is not well before the change",
                        "the application: " + observed.detail())
                .decided();
    }
}
