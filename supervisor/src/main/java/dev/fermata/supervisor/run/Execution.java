package dev.fermata.supervisor.run;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.ExecutionFailed;
import dev.fermata.contracts.message.ExecutionMessage.RolledBack;
import dev.fermata.contracts.message.ExecutionMessage.StepCompleted;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.run.RunState;
import dev.fermata.supervisor.policy.ApprovalPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the execution worker reports, from the plan to the end. Messages of the present revision and epoch only. */
final class Execution {
    /**
     * Where many orders for one table come at once, each that is carried out has all others drafted anew. A table that changes
     * oftener than that is changed by somebody else, over and over.
     */
    private static final int MAX_REPLANS = 20;

    /** Stages of a worker that tell how many steps are in effect. */
    private static final List<String> RUN_STEPS = List.of("execute", "contract");

    private Execution() {}

    static Decision heard(Transition transition, ExecutionMessage message) {
        Run run = transition.run();
        if (!expectsWorker(run.state())) {
            return Decision.ignore(run, "nothing was ordered: " + run.state().wire());
        }
        Optional<String> digest = digest(message);
        if (digest.isPresent() && !digest.get().equals(run.dossier().digest())) {
            return Decision.ignore(run, "about another plan: " + digest.get());
        }
        transition
                .become(run.withSilences(0))
                .remind(
                        RunEvent.Timer.SILENCE,
                        transition.now().plus(transition.settings().silenceAfter(0)));
        return switch (message) {
            case ExecutionMessage.Heartbeat beat -> transition.decided();
            case ExecutionMessage.PlanPrepared prepared -> prepared(transition, prepared);
            case ExecutionMessage.RehearsalReported reported -> rehearsed(transition, reported);
            case ExecutionMessage.BackupVerified verified -> backedUp(transition, verified);
            case ExecutionMessage.StepStarted started -> migrating(transition, started.direction());
            case ExecutionMessage.StepProgressed progressed -> transition.decided();
            case ExecutionMessage.StepBlocked blocked ->
                transition
                        .know(transition.run().dossier().withBlockedOnceMore())
                        .decided();
            case StepCompleted completed -> completed(transition, completed);
            case ExecutionMessage.Executed executed -> executed(transition, executed);
            case ExecutionFailed failed -> failed(transition, failed);
            case ExecutionMessage.Verified verified -> verified(transition, verified);
            case RolledBack back -> rolledBack(transition, back);
            case ExecutionMessage.RollbackFailed failed -> rollbackFailed(transition, failed);
        };
    }

    /** Of the plan that the message is about, where it is about one that the supervisor knows already. */
    private static Optional<String> digest(ExecutionMessage message) {
        return switch (message) {
            case ExecutionMessage.RehearsalReported m -> Optional.of(m.digest());
            case ExecutionMessage.BackupVerified m -> Optional.of(m.digest());
            case ExecutionMessage.Executed m -> Optional.of(m.digest());
            case ExecutionMessage.Verified m -> Optional.of(m.digest());
            case RolledBack m -> Optional.of(m.digest());
            case ExecutionMessage.RollbackFailed m -> Optional.of(m.digest());
            case ExecutionMessage.PlanPrepared m -> Optional.empty();
            case ExecutionMessage.StepStarted m -> Optional.empty();
            case ExecutionMessage.StepProgressed m -> Optional.empty();
            case ExecutionMessage.StepBlocked m -> Optional.empty();
            case StepCompleted m -> Optional.empty();
            case ExecutionMessage.Heartbeat m -> Optional.empty();
            case ExecutionFailed m -> Optional.empty();
        };
    }

    /**
     * A message under an epoch that is over. A backup is there and was compared whatever became of the epoch since, and a
     * worker that finds steps begun does not tell of it again.
     */
    static Decision heardLate(Transition transition, ExecutionMessage message) {
        Run run = transition.run();
        Dossier dossier = run.dossier();
        if (message instanceof ExecutionMessage.BackupVerified verified
                && verified.digest().equals(dossier.digest())
                && dossier.backup() == null
                && expectsWorker(run.state())) {
            return transition.know(dossier.withBackup(verified.backup())).decided();
        }
        return Decision.ignore(run, "about epoch " + message.epoch() + ", now at " + run.epoch());
    }

    /** Whether the execution worker has something to do. */
    static boolean expectsWorker(RunState state) {
        return switch (state) {
            case PREPARING, BACKING_UP, MIGRATING, VERIFYING, ROLLING_BACK, CONTRACTING -> true;
            default -> false;
        };
    }

    private static Decision notNow(Transition transition, ExecutionMessage message) {
        return Decision.ignore(
                transition.run(),
                message.getClass().getSimpleName() + " while "
                        + transition.run().state().wire());
    }

    private static Decision prepared(Transition transition, ExecutionMessage.PlanPrepared message) {
        if (transition.run().state() != RunState.PREPARING) {
            return notNow(transition, message);
        }
        Run run = transition.run();
        Plan plan = message.plan();
        if (!plan.digest().equals(message.digest())) {
            return notTrusted(transition, "the plan of the worker does not have the digest that it names");
        }
        if (!plan.runId().equals(run.id()) || plan.revision() != run.revision()) {
            return notTrusted(transition, "the plan of the worker is for another run or revision");
        }
        return transition
                .know(transition.run().dossier().withPlan(message.plan(), message.digest()))
                .decided();
    }

    private static Decision notTrusted(Transition transition, String why) {
        return transition
                .escalate(
                        why,
                        Failure.of("digest-mismatch", why),
                        List.of("check that all services are of one version, then: fermata wo cancel "
                                + transition.run().id().order() + " --reason TEXT, and post the order again"))
                .decided();
    }

    private static Decision rehearsed(Transition transition, ExecutionMessage.RehearsalReported message) {
        Run run = transition.run();
        if (run.state() != RunState.PREPARING || run.planned().isEmpty()) {
            return notNow(transition, message);
        }
        RehearsalReport report = message.report();
        transition.know(run.dossier().withRehearsal(report));
        if (report.passed() && run.isProduction() && report.cloneKind().equals("none")) {
            return notTrusted(transition, "nothing was rehearsed, which production does not allow");
        }
        if (report.passed()) {
            return Approvals.ask(transition);
        }
        Failure failure = report.failure() == null
                ? Failure.of("rehearsal-failed", "the rehearsal did not pass")
                : report.failure();
        return transition
                .askForChanges(
                        ApprovalPolicy.ACTOR,
                        "the rehearsal failed: " + failure.message(),
                        List.of(Analysis.feedback(failure)),
                        failure.withLog(report.differences()))
                .decided();
    }

    private static Decision backedUp(Transition transition, ExecutionMessage.BackupVerified message) {
        transition.know(transition.run().dossier().withBackup(message.backup()));
        if (transition.run().state() != RunState.BACKING_UP) {
            return transition.decided(); // taken and compared all the same
        }
        boolean paused = transition.run().dossier().isPaused();
        return transition
                .to(
                        RunState.MIGRATING,
                        paused ? "backup verified; still paused" : "backup verified; the steps begin",
                        paused ? "an operator" : "the execution worker")
                .decided();
    }

    private static Decision migrating(Transition transition, Direction direction) {
        if (direction == Direction.FORWARD && transition.run().state() == RunState.BACKING_UP) {
            transition.to(RunState.MIGRATING, "the steps go on", "the execution worker");
        }
        return transition.decided();
    }

    private static Decision completed(Transition transition, StepCompleted message) {
        Dossier dossier = transition.run().dossier();
        int done = message.direction() == Direction.FORWARD
                ? Math.max(dossier.stepsDone(), message.step())
                : Math.min(dossier.stepsDone(), message.step() - 1);
        if (!message.recovered()) {
            transition.become(transition.run().withTries(0)); // what failed before has worked meanwhile
        }
        return transition.know(dossier.withStepsDone(done, message.lockWait())).decided();
    }

    private static Decision executed(Transition transition, ExecutionMessage.Executed message) {
        RunState state = transition.run().state();
        if (state != RunState.MIGRATING && state != RunState.BACKING_UP && state != RunState.CONTRACTING) {
            return notNow(transition, message);
        }
        transition.know(transition.run().dossier().withStepsDone(message.steps(), Duration.ZERO));
        if (backupIsMissing(transition.run())) {
            String why = "the steps ran without a backup that was verified";
            return transition.rollBack(why, Failure.of("backup-missing", why)).decided();
        }
        return transition
                .to(RunState.VERIFYING, tookEffect(transition.run()), "the execution worker")
                .direct()
                .decided();
    }

    private static String tookEffect(Run run) {
        return (run.isContracted() ? "every step took effect" : "every step took effect that need not wait")
                + "; data and catalog are checked";
    }

    private static boolean backupIsMissing(Run run) {
        return run.order().backup().mode() != WorkOrder.BackupMode.NONE
                && run.dossier().backup() == null;
    }

    private static Decision verified(Transition transition, ExecutionMessage.Verified message) {
        Run run = transition.run();
        if (run.state() != RunState.VERIFYING) {
            return notNow(transition, message);
        }
        transition.know(
                run.dossier().withVerification(message.validations(), message.catalogMatches(), message.differences()));
        transition.forget(RunEvent.Timer.SILENCE);
        List<String> wrong = wrong(message.validations());
        if (!message.catalogMatches()) {
            wrong.add("the catalog is not what the rehearsal came to: " + String.join("; ", message.differences()));
        }
        if (!wrong.isEmpty()) {
            String why = "verification failed: " + String.join("; ", wrong);
            return transition
                    .rollBackOrAsk(why, Failure.of("verification-failed", why))
                    .decided();
        }
        if (run.order().soak().isZero()) {
            return Aftermath.well(transition);
        }
        return transition
                .to(RunState.SOAKING, "verified; watched for " + run.order().soak(), "the clock and the probes")
                .remind(RunEvent.Timer.SOAK, transition.now().plus(run.order().soak()))
                .decided();
    }

    private static List<String> wrong(List<ValidationResult> results) {
        List<String> wrong = new ArrayList<>();
        results.stream()
                .filter(r -> !r.passed())
                .forEach(r -> wrong.add("validation '" + r.name() + "': before " + r.before() + ", after " + r.after()
                        + (r.detail() == null ? "" : " (" + r.detail() + ")")));
        return wrong;
    }

    private static Decision failed(Transition transition, ExecutionFailed message) {
        Run run = transition.run();
        Failure failure = message.failure();
        if (run.state() == RunState.ROLLING_BACK) {
            return rollbackFailed(transition, failure);
        }
        transition.know(run.dossier().withFailure(failure));
        if (RUN_STEPS.contains(message.stage())) {
            transition.know(transition.run().dossier().withStepsDone(message.stepsDone(), Duration.ZERO));
        }
        if (failure.code().equals("unknown-state") || failure.code().equals("outcome-unknown")) {
            return transition
                    .escalate("the worker cannot tell what took effect: " + failure.message(), failure, byHand(run))
                    .decided();
        }
        if (failure.code().equals("catalog-changed")
                && isBeforeTheFirstStep(run, message)
                && run.replans() < MAX_REPLANS) {
            return transition
                    .become(transition.run().withReplans(run.replans() + 1))
                    .know(transition.run().dossier().withApproval(null))
                    .forget(RunEvent.Timer.SILENCE)
                    .analyseAgain("the catalog changed since the plan was drafted: the change is analysed, drafted and"
                            + " approved anew")
                    .decided();
        }
        if (transition.mayTryAgain(failure)) {
            return transition
                    .tryAgain("tried again: " + failure.message(), failure)
                    .decided();
        }
        return givenUp(transition, message);
    }

    private static boolean isBeforeTheFirstStep(Run run, ExecutionFailed message) {
        return message.stepsDone() == 0
                && switch (run.state()) {
                    case PREPARING, BACKING_UP, MIGRATING -> true;
                    default -> false;
                };
    }

    private static Decision givenUp(Transition transition, ExecutionFailed message) {
        Run run = transition.run();
        Failure failure = message.failure();
        if (run.state() == RunState.PREPARING) {
            if (failure.retryable()) {
                return Aftermath.fail(transition, failure);
            }
            return transition
                    .askForChanges(
                            ApprovalPolicy.ACTOR, failure.message(), List.of(Analysis.feedback(failure)), failure)
                    .decided();
        }
        if (message.stepsDone() == 0 && message.stage().equals("backup")) {
            return Aftermath.fail(transition, failure);
        }
        if (run.state() == RunState.CONTRACTING && nothingIsContracted(run, message)) {
            return Aftermath.awaitContract(transition, "the old names are still there: " + failure.message());
        }
        return transition
                .rollBackOrAsk("the change could not be finished: " + failure.message(), failure)
                .decided();
    }

    private static boolean nothingIsContracted(Run run, ExecutionFailed message) {
        var plan = run.dossier().plan();
        return plan != null && message.stepsDone() == plan.lastBeforeContract();
    }

    private static Decision rolledBack(Transition transition, RolledBack message) {
        Run run = transition.run();
        if (run.state() != RunState.ROLLING_BACK) {
            return notNow(transition, message);
        }
        transition.know(run.dossier()
                .withVerification(message.validations(), message.catalogEqual(), message.differences())
                .withUndone());
        List<String> wrong = wrong(message.validations());
        if (!message.catalogEqual()) {
            wrong.add("the catalog is not what it was: " + String.join("; ", message.differences()));
        }
        if (!wrong.isEmpty()) {
            String why = "rolled back, but " + String.join("; ", wrong);
            return transition
                    .escalate(why, Failure.of("rollback-not-clean", why), byHand(run))
                    .decided();
        }
        return Aftermath.rolledBack(transition, message.stepsUndone());
    }

    private static Decision rollbackFailed(Transition transition, ExecutionMessage.RollbackFailed message) {
        Run run = transition.run();
        if (run.state() != RunState.ROLLING_BACK) {
            return notNow(transition, message);
        }
        var plan = run.dossier().plan();
        boolean untouched = plan != null && message.stepsDone() >= plan.steps().size();
        return run.hadSucceeded() && untouched && !message.failure().retryable()
                ? Aftermath.stillInEffect(transition, message.failure())
                : rollbackFailed(transition, message.failure());
    }

    private static Decision rollbackFailed(Transition transition, Failure failure) {
        Run run = transition.run();
        if (transition.mayTryAgain(failure)) {
            return transition.tryAgain(run.reason(), failure).decided();
        }
        return transition
                .escalate("the rollback failed: " + failure.message(), failure, byHand(run))
                .decided();
    }

    private static List<String> byHand(Run run) {
        return List.of(
                "read fermata.ledger in the target for what took effect (run '" + run.id() + "')",
                "repair what the reason names, then: fermata wo rollback "
                        + run.id().order() + " --reason TEXT");
    }
}
