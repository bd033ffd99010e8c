package dev.fermata.supervisor.run;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.message.ApprovalMessage.ChangesRequested;
import dev.fermata.contracts.message.ApprovalMessage.Feedback;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage.RunEnded;
import dev.fermata.contracts.message.OutcomeMessage.RunStateChanged;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decision in the making: the run as it becomes, and what is said on the way. Lives for one call of the decider. */
final class Transition {
    private final Settings settings;
    private final Instant now;
    private final List<Effect> effects = new ArrayList<>();
    private Run run;

    Transition(Settings settings, Run run, Instant now) {
        this.settings = settings;
        this.run = run;
        this.now = now;
    }

    Run run() {
        return run;
    }

    Instant now() {
        return now;
    }

    Settings settings() {
        return settings;
    }

    Decision decided() {
        return new Decision(run, effects, null);
    }

    Transition become(Run next) {
        run = next;
        return this;
    }

    Transition know(Dossier dossier) {
        run = run.with(dossier);
        return this;
    }

    Transition say(Message message) {
        effects.add(new Effect.Say(message));
        return this;
    }

    Transition remind(RunEvent.Timer timer, Instant due) {
        effects.add(new Effect.Remind(timer, due));
        return this;
    }

    Transition forget(RunEvent.Timer timer) {
        effects.add(new Effect.Forget(timer));
        return this;
    }

    /**
     * Moves on and tells everybody.
     *
     * @param waitingFor who or what must act next, null at an end
     */
    Transition to(RunState state, String reason, @Nullable String waitingFor) {
        run = run.inState(state, reason, now);
        return say(new RunStateChanged(
                run.id(),
                run.revision(),
                run.sequence(),
                state,
                reason,
                waitingFor,
                run.dossier().digest(),
                now));
    }

    /** Stays and tells everybody why. */
    Transition stay(String reason, String waitingFor) {
        run = run.becauseOf(reason);
        return say(new RunStateChanged(
                run.id(),
                run.revision(),
                run.sequence(),
                run.state(),
                reason,
                waitingFor,
                run.dossier().digest(),
                now));
    }

    Transition end(RunState state, RunResult result, String summary, List<String> nextSteps) {
        to(state, summary, null);
        for (RunEvent.Timer timer : RunEvent.Timer.values()) {
            forget(timer);
        }
        return say(new RunEnded(run.id(), run.revision(), OutcomeReport.of(run, result, summary, nextSteps, now)));
    }

    /** The machines are at their end; a person goes on. The run stays open. */
    Transition escalate(String summary, Failure failure, List<String> nextSteps) {
        know(run.dossier().withFailure(failure));
        to(RunState.ESCALATED, summary, "an operator: " + nextSteps.get(0));
        forget(RunEvent.Timer.SILENCE).forget(RunEvent.Timer.SOAK);
        return say(new RunEnded(
                run.id(), run.revision(), OutcomeReport.of(run, RunResult.ESCALATED, summary, nextSteps, now)));
    }

    Transition askForChanges(Actor by, String summary, List<Feedback> feedback, @Nullable Failure failure) {
        if (failure != null) {
            know(run.dossier().withFailure(failure));
        }
        forget(RunEvent.Timer.ANALYSIS).forget(RunEvent.Timer.SILENCE).forget(RunEvent.Timer.APPROVAL);
        to(
                RunState.CHANGES_REQUESTED,
                summary,
                "the author: amend the order (fermata wo amend " + run.id().order() + " FILE)");
        return say(new ChangesRequested(run.id(), run.revision(), run.dossier().digest(), by, feedback, now));
    }

    /** Gives the directive that the present state calls for, under the next epoch, and listens for signs of life. */
    Transition direct() {
        run = run.withNextEpoch();
        if (run.state() == RunState.ANALYSING) {
            return say(directive())
                    .forget(RunEvent.Timer.AGAIN)
                    .remind(RunEvent.Timer.ANALYSIS, now.plus(settings.analysisWithin()));
        }
        if (Operators.goesForward(run.state()) && run.dossier().speed() != null) {
            pace();
        }
        return say(directive())
                .forget(RunEvent.Timer.AGAIN)
                .remind(RunEvent.Timer.SILENCE, now.plus(settings.silenceAfter(run.silences())));
    }

    /** Another order that holds the target says nothing about this one, so waiting for it is no try. */
    boolean mayTryAgain(Failure failed) {
        return failed.retryable() && (isQueueing(failed) || run.tries() + 1 < settings.tries());
    }

    private static boolean isQueueing(Failure failed) {
        return failed.code().equals("target-busy");
    }

    /**
     * Has the present directive given once more, after a pause.
     *
     * @param reason of the state, which stays
     * @param failed what did not work
     */
    Transition tryAgain(String reason, Failure failed) {
        run = run.withTries(isQueueing(failed) ? Math.max(1, run.tries()) : run.tries() + 1);
        Duration pause = settings.pauseBefore(run.tries());
        return stay(reason, worker() + ", again in " + pause.toSeconds() + " s: " + failed.message())
                .forget(RunEvent.Timer.SILENCE)
                .remind(RunEvent.Timer.AGAIN, now.plus(pause));
    }

    /** Gives the directive that failed once more. */
    Transition again() {
        return stay(run.reason(), worker()).direct();
    }

    /** Who does what the present state calls for. */
    private String worker() {
        return run.state() == RunState.ANALYSING ? "the analysis worker" : "the execution worker";
    }

    /** Back to the beginning, with the same order. */
    Transition analyseAgain(String reason) {
        run = run.with(run.dossier().withImpact(null));
        return to(RunState.ANALYSING, reason, "the analysis worker").direct();
    }

    /** Tells the worker how fast it may go; the last that was ordered counts. */
    Transition pace() {
        Dossier.Speed speed = run.dossier().speed();
        if (speed == null) {
            throw new IllegalStateException("run " + run.id() + ": no speed was ordered");
        }
        return say(new DirectiveMessage.PaceOrdered(
                run.id(), run.revision(), run.epoch(), speed.sequence(), speed.ordered(), speed.why()));
    }

    /** Stops the worker, under the next epoch; nothing is expected of it. */
    Transition abort(String why) {
        run = run.withNextEpoch();
        return say(new DirectiveMessage.AbortOrdered(run.id(), run.revision(), run.epoch(), why));
    }

    private DirectiveMessage directive() {
        if (run.state() == RunState.ANALYSING) {
            return new DirectiveMessage.AnalysisOrdered(
                    run.id(), run.revision(), run.epoch(), run.order(), run.reason());
        }
        Run.Planned planned = run.planned().orElse(null);
        var impact = run.dossier().impact();
        List<ValidationQuery> validations = impact == null ? List.of() : impact.validations();
        if (run.state() == RunState.PREPARING) {
            return new DirectiveMessage.PrepareOrdered(run.id(), run.revision(), run.epoch(), run.order(), validations);
        }
        if (planned == null) {
            throw new IllegalStateException(
                    "run " + run.id() + " is " + run.state().wire() + " without a plan");
        }
        return switch (run.state()) {
            case BACKING_UP, MIGRATING -> execution(planned, validations);
            case CONTRACTING ->
                new DirectiveMessage.ContractOrdered(
                        run.id(),
                        run.revision(),
                        run.epoch(),
                        planned.plan(),
                        planned.digest(),
                        validations,
                        halfwayIdentities());
            case VERIFYING ->
                new DirectiveMessage.VerificationOrdered(
                        run.id(),
                        run.revision(),
                        run.epoch(),
                        planned.plan(),
                        planned.digest(),
                        validations,
                        catalogAfter(),
                        catalogIdentities());
            case ROLLING_BACK ->
                new DirectiveMessage.RollbackOrdered(
                        run.id(),
                        run.revision(),
                        run.epoch(),
                        planned.plan(),
                        planned.digest(),
                        validations,
                        run.reason(),
                        allIdentities(),
                        run.hadSucceeded(),
                        isRehearsed());
            default ->
                throw new IllegalStateException("run " + run.id() + ": no directive belongs to "
                        + run.state().wire());
        };
    }

    private DirectiveMessage execution(Run.Planned planned, List<ValidationQuery> validations) {
        Dossier.Yes yes = run.dossier().approval();
        if (yes == null || !yes.digest().equals(planned.digest())) {
            throw new IllegalStateException(
                    "run " + run.id() + ": execution without an approval of " + planned.digest());
        }
        return new DirectiveMessage.ExecutionOrdered(
                run.id(),
                run.revision(),
                run.epoch(),
                planned.plan(),
                planned.digest(),
                run.order().backup().mode(),
                validations,
                new DirectiveMessage.Approval(yes.by(), yes.digest(), yes.at()));
    }

    /** All that the change had to do with on the way, which a rollback must leave as it was. */
    private List<String> allIdentities() {
        RehearsalReport rehearsal = run.dossier().rehearsal();
        return rehearsal == null ? List.of() : rehearsal.allIdentities();
    }

    private boolean isRehearsed() {
        RehearsalReport rehearsal = run.dossier().rehearsal();
        return rehearsal != null && rehearsal.catalogAfter() != null;
    }

    private List<String> catalogIdentities() {
        RehearsalReport rehearsal = run.dossier().rehearsal();
        if (rehearsal == null) {
            return List.of();
        }
        RehearsalReport.Halfway halfway = rehearsal.beforeContract();
        return run.isContracted() || halfway == null ? rehearsal.catalogIdentities() : halfway.identities();
    }

    private List<String> halfwayIdentities() {
        RehearsalReport rehearsal = run.dossier().rehearsal();
        RehearsalReport.Halfway halfway = rehearsal == null ? null : rehearsal.beforeContract();
        return halfway == null ? List.of() : halfway.identities();
    }

    private @Nullable String catalogAfter() {
        RehearsalReport rehearsal = run.dossier().rehearsal();
        if (rehearsal == null) {
            return null;
        }
        RehearsalReport.Halfway halfway = rehearsal.beforeContract();
        return run.isContracted() || halfway == null ? rehearsal.catalogAfter() : halfway.catalog();
    }

    /** Takes back what was done, unless everybody uses the new names by now: then people decide. */
    Transition rollBackOrAsk(String reason, Failure failure) {
        return run.hasBegunToContract()
                ? escalate(
                        reason + "; it is not taken back by itself, as the application uses the new names",
                        failure,
                        List.of("see to what the reason names; 'fermata wo rollback "
                                + run.id().order() + " --reason TEXT' takes the new names away, too"))
                : rollBack(reason, failure);
    }

    /** Takes back whatever was done. */
    Transition rollBack(String reason, @Nullable Failure failure) {
        if (failure != null) {
            know(run.dossier().withFailure(failure));
        }
        forget(RunEvent.Timer.SOAK).forget(RunEvent.Timer.WINDOW_END);
        return to(RunState.ROLLING_BACK, reason, "the execution worker").direct();
    }
}
