package dev.fermata.execution.step;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A database with a table, and plans of a test's own making that are run on it. */
final class Workbench implements AutoCloseable {
    static final RunId RUN = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final List<String> BOTH = List.of("reads", "writes");

    /** Not the common pool: it may have a single thread, which one that waits would take. */
    static final Executor THREADS = task -> Thread.ofVirtual().start(task);

    final TestDatabase database;
    final TargetDatabase target;
    final Heard heard = new Heard();

    Workbench(RealPostgres server, String... sql) throws Exception {
        this.database = server.newDatabase();
        this.target = target(server.host(), server.port());
        database.execute(sql);
    }

    TargetDatabase target(String host, int port) {
        return new TargetDatabase(new TargetAddress(
                "shop", host, port, database.name(), database.user(), Password.of(database.password()), "test"));
    }

    static Plan plan(Duration lockTimeout, int attempts, Step... steps) {
        List<Step> numbered = new ArrayList<>();
        for (Step step : steps) {
            numbered.add(new Step(
                    numbered.size() + 1,
                    step.phase(),
                    step.kind(),
                    step.sql(),
                    step.locks(),
                    step.online(),
                    step.reason(),
                    step.origin(),
                    step.inverse(),
                    step.verify(),
                    step.batching()));
        }
        return new Plan(
                RUN,
                1,
                new Plan.DatabaseIdentity("1", "shop"),
                WorkOrder.Strategy.ONLINE,
                numbered,
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(lockTimeout, attempts, Duration.ZERO),
                "sha256:0",
                List.of(),
                List.of());
    }

    /** One transaction that takes ACCESS EXCLUSIVE on {@code relation}. */
    static Step strong(String relation, Inverse inverse, String... sql) {
        return step(
                StepKind.TRANSACTION,
                List.of(sql),
                List.of(new RelationLock(relation, "ACCESS EXCLUSIVE", BOTH)),
                inverse,
                List.of(),
                null);
    }

    static Step autocommit(String sql, Inverse inverse, String... verify) {
        return step(StepKind.AUTOCOMMIT, List.of(sql), List.of(), inverse, List.of(verify), null);
    }

    static Step batches(String sql, Batching batching, Inverse inverse) {
        return step(StepKind.BATCHES, List.of(sql), List.of(), inverse, List.of(), batching);
    }

    private static Step step(
            StepKind kind,
            List<String> sql,
            List<RelationLock> locks,
            Inverse inverse,
            List<String> verify,
            @Nullable Batching batching) {
        return new Step(1, Phase.EXPAND, kind, sql, locks, true, "a test", 0, inverse, verify, batching);
    }

    /** Those of the plan, with another patience. */
    static Limits limits(Plan plan, Duration total, Duration outside) {
        Limits of = Limits.of(plan.settings());
        return new Limits(
                of.lockTimeout(),
                of.attempts(),
                total,
                outside,
                total,
                of.statementTimeout(),
                of.batchTime(),
                of.longestHold(),
                of.brakes());
    }

    /** Those of the plan, with other limits of what the server can take. */
    static Limits braked(Plan plan, Brake.BrakeLimits brakes) {
        Limits of = Limits.of(plan.settings());
        return new Limits(
                of.lockTimeout(),
                of.attempts(),
                of.total(),
                of.outside(),
                of.longestWait(),
                of.statementTimeout(),
                of.batchTime(),
                of.longestHold(),
                brakes);
    }

    /** An UPDATE of all of {@code items}, which counts in {@code amount} how often each row was changed. */
    static Plan backfill(Duration lockTimeout, int rows) {
        Batching batching = new Batching(
                "public.items", "items", List.of(new KeyColumn("id", "integer")), rows, null, List.of("amount"));
        return plan(
                lockTimeout,
                3,
                batches(
                        "UPDATE public.items SET amount = amount + 1 WHERE " + Batching.RANGE,
                        batching,
                        Inverse.nothing()));
    }

    void run(Plan plan, Direction direction) throws Exception {
        run(plan, direction, Limits.of(plan.settings()));
    }

    void run(Plan plan, Direction direction, Limits limits) throws Exception {
        run(plan, direction, limits, 1, heard);
    }

    void run(Plan plan, Direction direction, Limits limits, long epoch, StepListener listener) throws Exception {
        run(target, plan, direction, limits, epoch, listener);
    }

    static Scope scope(Plan plan, long epoch) {
        return new Scope(RUN, 1, epoch, plan.digest());
    }

    static void run(
            TargetDatabase target, Plan plan, Direction direction, Limits limits, long epoch, StepListener listener)
            throws Exception {
        try (TargetSession session =
                        TargetSession.takeOver(target, scope(plan, epoch), Duration.ofSeconds(5), () -> {});
                Connection control = target.open(Session.reader("control"))) {
            PlanRunner runner = new PlanRunner(plan, session, control, listener, new SplittableRandom(1), limits);
            if (direction == Direction.FORWARD) {
                runner.forward();
            } else {
                runner.back();
            }
        }
    }

    /** Something that may fail. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    static CompletableFuture<Void> meanwhile(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                THREADS);
    }

    @Override
    public void close() {
        database.close();
    }
}
