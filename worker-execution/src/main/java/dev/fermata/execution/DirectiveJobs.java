package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.message.DirectiveMessage.PrepareOrdered;
import dev.fermata.contracts.message.DirectiveMessage.RollbackOrdered;
import dev.fermata.contracts.message.DirectiveMessage.VerificationOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.ExecutionFailed;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.FencedException;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.PooledTargetException;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.Speed;
import dev.fermata.execution.ledger.TargetBusyException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.CloneDiffersException;
import dev.fermata.execution.rehearsal.CloneProviders;
import dev.fermata.execution.rehearsal.CloneRefusedException;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.TargetFailures;
import dev.fermata.runtime.jobs.Job;
import dev.fermata.runtime.jobs.JobContext;
import dev.fermata.runtime.jobs.JobHandler;
import dev.fermata.runtime.jobs.JobLostException;
import dev.fermata.runtime.store.ControlStoreException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a directive says, and tells how it ended. */
final class DirectiveJobs implements JobHandler {
    private static final Logger LOGGER = LoggerFactory.getLogger(DirectiveJobs.class);

    private static final Set<String> STEPS = Set.of("execute", "contract");

    private final Map<String, TargetDatabase> targets;
    private final ExecutionConfig config;
    private final CloneProviders clones;
    private final Planner planner;
    private final SqlParser parser;
    private final Clock clock;
    private final RandomGenerator random;

    DirectiveJobs(
            Map<String, TargetDatabase> targets,
            ExecutionConfig config,
            CloneProviders clones,
            SqlParser parser,
            Clock clock,
            RandomGenerator random) {
        this.targets = targets;
        this.config = config;
        this.clones = clones;
        this.planner = new Planner(parser);
        this.parser = parser;
        this.clock = clock;
        this.random = random;
    }

    /** What every directive needs. */
    record Desk(
            TargetDatabase target,
            Scope scope,
            JobContext context,
            ExecutionConfig config,
            CloneProviders clones,
            Clock clock,
            RandomGenerator random) {
        TargetWork work() {
            return new TargetWork(target, scope, context, config.targetPatience(), config.reconnectFor());
        }

        Reporter reporter() {
            return new Reporter(scope, context, clock);
        }

        ExecutionFailed failed(String stage, int stepsDone, Failure failure) {
            return new ExecutionFailed(scope.run(), scope.revision(), scope.epoch(), stage, stepsDone, failure);
        }
    }

    /** One directive's work. The result ends the job. */
    @FunctionalInterface
    interface Work {
        List<? extends ExecutionMessage> run(Desk desk) throws StepFailedException, IOException, InterruptedException;
    }

    @Override
    public void run(Job job, JobContext context) throws InterruptedException {
        switch (job.envelope().message()) {
            case PrepareOrdered order ->
                perform(order, "", "prepare", context, new Preparation(planner, parser, order)::run);
            case ExecutionOrdered order -> perform(order, order.digest(), "execute", context, new Forward(order)::run);
            case RollbackOrdered order -> perform(order, order.digest(), "rollback", context, new Back(order)::run);
            case VerificationOrdered order ->
                perform(order, order.digest(), "verify", context, new Verification(order)::run);
            case DirectiveMessage.AbortOrdered order -> context.finish(List.of());
            case DirectiveMessage.PaceOrdered order -> pace(order, context);
            case DirectiveMessage.ContractOrdered order ->
                perform(order, order.digest(), "contract", context, new Contraction(order)::run);
            default ->
                throw new IllegalStateException(
                        "no directive: " + job.envelope().message().type());
        }
    }

    /** Whoever runs the steps reads it in the target. */
    private void pace(DirectiveMessage.PaceOrdered order, JobContext context) {
        TargetDatabase target = targets.get(order.runId().target());
        if (target != null) {
            String name = "fermata-pace/" + order.runId().order();
            try (Connection connection = target.open(Session.writer(name))) {
                Ledger.createIfMissing(connection);
                new Speed(order.percent(), order.reason())
                        .order(connection, order.runId(), order.revision(), order.sequence());
            } catch (SQLException e) {
                throw TargetException.of(
                        "ordering the pace on target '" + target.address().name() + "'", e);
            }
        }
        context.finish(List.of());
    }

    private void perform(DirectiveMessage directive, String digest, String stage, JobContext context, Work work)
            throws InterruptedException {
        Scope scope = new Scope(directive.runId(), directive.revision(), directive.epoch(), digest);
        TargetDatabase target = targets.get(directive.runId().target());
        if (target == null) {
            context.finish(List.of(new ExecutionFailed(
                    scope.run(),
                    scope.revision(),
                    scope.epoch(),
                    stage,
                    0,
                    Failure.of(
                            "unknown-target",
                            "target '" + directive.runId().target() + "' is not in the registry of this worker"))));
            return;
        }
        Desk desk = new Desk(target, scope, context, config, clones, clock, random);
        Pulse pulse = Pulse.start(scope, context, stage, config.heartbeat(), clock);
        try {
            context.finish(end(desk, stage, work));
        } catch (FencedException e) {
            LOGGER.atWarn()
                    .addKeyValue("runId", scope.run())
                    .addKeyValue("epoch", scope.epoch())
                    .log(e.getMessage());
        } finally {
            pulse.close();
        }
    }

    /** What is told at the end, however it ended. */
    static List<? extends ExecutionMessage> end(Desk desk, String stage, Work work) throws InterruptedException {
        try {
            return work.run(desk);
        } catch (StepFailedException e) {
            return failed(desk, stage, e.failure());
        } catch (TargetException e) {
            stopWhenAsked();
            return failed(desk, stage, TargetFailures.of(e));
        } catch (TargetBusyException e) {
            return failed(desk, stage, Failures.of(e));
        } catch (PooledTargetException e) {
            return failed(desk, stage, Failures.of(e));
        } catch (CloneDiffersException e) {
            return failed(desk, stage, Failures.of(e));
        } catch (CloneRefusedException e) {
            return failed(desk, stage, Failure.retryable("clone-failed", String.valueOf(e.getMessage())));
        } catch (BackupFailedException e) {
            return failed(desk, "backup", e.failure());
        } catch (IOException e) {
            stopWhenAsked();
            return failed(desk, "backup", Failures.of(e));
        } catch (JobLostException | FencedException | ControlStoreException e) {
            throw e; // somebody else has it, or nothing can be told now
        } catch (RuntimeException e) {
            stopWhenAsked();
            LOGGER.atError()
                    .addKeyValue("runId", desk.scope().run())
                    .setCause(e)
                    .log("a defect ended a directive");
            return failed(desk, stage, Failures.ofDefect(e));
        }
    }

    /** What fails because the thread was interrupted is no failure: the job stays open. */
    private static void stopWhenAsked() throws InterruptedException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException("asked to stop");
        }
    }

    private static List<ExecutionMessage> failed(Desk desk, String stage, Failure failure) {
        Scope scope = desk.scope();
        if (stage.equals("rollback")) {
            return List.of(new ExecutionMessage.RollbackFailed(
                    scope.run(), scope.revision(), scope.epoch(), scope.digest(), StepsDone.count(desk), failure));
        }
        return List.of(desk.failed(stage, STEPS.contains(stage) ? StepsDone.count(desk) : 0, failure));
    }

    /** Refuses a plan that is not what was approved, or not for this database. */
    static void checkDigest(Plan plan, String digest) throws StepFailedException {
        if (!plan.digest().equals(digest)) {
            throw StepFailedException.before(Failure.of(
                    "digest-mismatch",
                    "the plan of the directive is " + plan.digest() + " (approved: " + digest + ")"));
        }
    }
}
