package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.ApprovalMessage.Feedback;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import dev.fermata.supervisor.policy.ApprovalPolicy;
import java.util.List;
import java.util.Optional;

/** From the order to the impact report. */
final class Analysis {
    private Analysis() {}

    static Decision heard(Transition transition, ImpactMessage message) {
        Run run = transition.run();
        boolean late = run.state() == RunState.ESCALATED && run.dossier().impact() == null;
        if (run.state() != RunState.ANALYSING && !late) {
            return Decision.ignore(run, "the analysis is over: " + run.state().wire());
        }
        return switch (message) {
            case ImpactMessage.AnalysisStarted started -> Decision.ignore(run, "noted");
            case ImpactMessage.ImpactReported reported -> reported(transition, reported.report());
            case ImpactMessage.AnalysisFailed failed -> failed(transition, failed.failure());
        };
    }

    private static Decision reported(Transition transition, ImpactReport report) {
        Run run = transition.run();
        transition
                .forget(RunEvent.Timer.ANALYSIS)
                .know(run.dossier().withImpact(report).withFailure(null));
        Optional<String> shortcut = ApprovalPolicy.forbiddenShortcut(run.environment(), run.order());
        Optional<String> notOffered = ApprovalPolicy.notOffered(run.order());
        if (notOffered.isPresent()) {
            return transition
                    .askForChanges(
                            ApprovalPolicy.ACTOR,
                            notOffered.get(),
                            List.of(new Feedback(null, null, null, notOffered.get(), null)),
                            Failure.of("not-offered", notOffered.get()))
                    .decided();
        }
        if (shortcut.isPresent()) {
            return transition
                    .askForChanges(
                            ApprovalPolicy.ACTOR,
                            shortcut.get(),
                            List.of(new Feedback(null, null, null, shortcut.get(), null)),
                            Failure.of("shortcut-not-allowed", shortcut.get()))
                    .decided();
        }
        List<Finding> critical = report.findings().stream()
                .filter(f -> f.severity() == RiskLevel.CRITICAL)
                .toList();
        if (!critical.isEmpty()) {
            List<Feedback> feedback = critical.stream()
                    .map(f ->
                            new Feedback(f.statement(), f.line(), f.column(), f.message() + ": " + f.why(), f.safer()))
                    .toList();
            return transition
                    .askForChanges(
                            ApprovalPolicy.ACTOR,
                            critical.size() + " critical findings, the first: "
                                    + critical.get(0).message(),
                            feedback,
                            Failure.of("critical-finding", critical.get(0).message())
                                    .at(
                                            critical.get(0).statement(),
                                            critical.get(0).line(),
                                            critical.get(0).column()))
                    .decided();
        }
        return transition
                .to(
                        RunState.PREPARING,
                        "risk " + report.risk().wire() + "; the plan is drafted and rehearsed",
                        "the execution worker")
                .direct()
                .decided();
    }

    private static Decision failed(Transition transition, Failure failure) {
        transition.forget(RunEvent.Timer.ANALYSIS);
        if (transition.run().state() == RunState.ANALYSING && transition.mayTryAgain(failure)) {
            return transition
                    .tryAgain("tried again: " + failure.message(), failure)
                    .decided();
        }
        if (failure.retryable()) {
            transition.know(transition.run().dossier().withFailure(failure));
            return transition
                    .end(
                            RunState.FAILED,
                            RunResult.FAILED,
                            failure.message(),
                            List.of(
                                    "fermata target check "
                                            + transition.run().id().target(),
                                    "post the order again when the target answers"))
                    .decided();
        }
        return transition
                .askForChanges(ApprovalPolicy.ACTOR, failure.message(), List.of(feedback(failure)), failure)
                .decided();
    }

    static Feedback feedback(Failure failure) {
        return new Feedback(failure.statement(), failure.line(), failure.column(), failure.message(), null);
    }
}
