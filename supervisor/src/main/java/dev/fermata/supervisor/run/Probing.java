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
        return observed.well() ? well(transition) : sick(transition, observed.detail());
    }

    private static Decision well(Transition transition) {
        Run run = transition.run();
        if (run.looked() && run.probeFailures() == 0 && !isHeld(run)) {
            return Decision.ignore(run, "still well");
        }
        transition.become(run.withProbe(0, run.lastProbe()));
        return isHeld(run) ? goOn(transition).decided() : transition.decided();
    }

    private static boolean isHeld(Run run) {
        return runsSteps(run) && run.dossier().sick() != null;
    }

    private static boolean runsSteps(Run run) {
        return run.state() == RunState.MIGRATING || run.state() == RunState.CONTRACTING;
    }

    private static Transition goOn(Transition transition) {
        Dossier well = transition.run().dossier().withSick(null);
        String why = "the application is well again; " + (well.isPaused() ? "still paused" : "the steps go on");
        return transition.know(well).pace().stay(why, well.isPaused() ? "an operator" : "the execution worker");
    }

    /** Stops the steps at once, and takes them back when it does not get better by that. */
    private static Decision sick(Transition transition, String detail) {
        int failures = transition.run().probeFailures() + 1;
        Run run = transition.run().withProbe(failures, detail);
        transition.become(run);
        if (failures >= transition.settings().probeFailures()) {
            String why = "the application is not well: " + detail + ", " + failures + " times in a row";
            return transition
                    .rollBackOrAsk(why, Failure.of("probe-failed", why))
                    .decided();
        }
        if (runsSteps(run) && run.dossier().sick() == null) {
            Dossier held = run.dossier().withSick(detail);
            transition.know(held).pace().stay("held: the application is not well: " + detail, waitsFor(held));
        }
        return transition.decided();
    }

    /** Who must act while the steps go forward or are held by the probes. */
    static String waitsFor(Dossier dossier) {
        String sick = dossier.sick();
        return sick == null ? "the execution worker" : "the application: " + sick;
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
            transition.become(run.withProbe(0, null));
            if (run.dossier().sick() != null) {
                transition.know(run.dossier().withSick(null)); // by an earlier plan, whose steps were held
            }
            return Approvals.execute(transition);
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
