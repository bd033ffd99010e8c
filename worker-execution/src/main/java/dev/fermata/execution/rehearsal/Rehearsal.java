package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.plan.Step;
import dev.fermata.execution.guard.Guard;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.execution.verify.Validations;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The plan on a clone: forward, validate, back, compare with the start, forward again, compare with the first time. The same
 * code runs the steps here as on the target.
 *
 * <p>On copies of the clone, beside it: the author's statements as they are written, where the plan runs others; and the
 * generated way back, where the plan has the author's.
 */
public final class Rehearsal {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Clone clone;
    private final Plan plan;
    private final Scope scope;
    private final List<Statement> statements;
    private final List<ValidationQuery> validations;
    private final Touched touched;
    private final Guard guard;
    private final RandomGenerator random;
    private final Runnable checkPoint;

    /**
     * What the plan touches.
     *
     * @param tables that exist
     * @param sizes of all tables of the target
     */
    public record Touched(Set<QualifiedName> tables, List<TableStats> sizes) {
        public Touched {
            tables = Set.copyOf(tables);
            sizes = List.copyOf(sizes);
        }
    }

    /**
     * @param statements the author's, to place errors and to compare with
     * @param guard of the queries that the target runs
     * @param checkPoint throws when the work should not go on
     */
    public Rehearsal(
            Clone clone,
            Plan plan,
            Scope scope,
            List<Statement> statements,
            List<ValidationQuery> validations,
            Touched touched,
            Guard guard,
            RandomGenerator random,
            Runnable checkPoint) {
        this.clone = clone;
        this.plan = plan;
        this.scope = scope;
        this.statements = List.copyOf(statements);
        this.validations = List.copyOf(validations);
        this.touched = touched;
        this.guard = guard;
        this.random = random;
        this.checkPoint = checkPoint;
    }

    /** Runs it all. A plan that does not pass is a report, not an exception. */
    public RehearsalReport run() throws InterruptedException {
        long begin = System.nanoTime();
        RehearsalNotes notes = new RehearsalNotes();
        Failure failure;
        try {
            failure = rehearse(notes);
        } catch (SQLException e) {
            throw TargetException.of("rehearsing on the clone", e);
        }
        return notes.report(clone, failure, Duration.ofNanos(System.nanoTime() - begin));
    }

    private @Nullable Failure rehearse(RehearsalNotes notes) throws SQLException, InterruptedException {
        Failure failure = plan.strategy() == WorkOrder.Strategy.ONLINE ? besideTheAuthors(notes) : forward(notes);
        if (failure == null) {
            failure = failedWrites(notes.forward, "on the way");
        }
        if (failure != null) {
            return failure;
        }
        Optional<RollbackTrial> other = generatedWayBack(notes);
        failure = backAndForward(notes);
        if (failure == null) {
            failure = failedWrites(notes.back, "on the way back");
        }
        other.ifPresent(notes.ways::add);
        boolean generatedIsBetter = WayBack.better(notes.ways) == Plan.Source.GENERATED;
        return failure == null || !generatedIsBetter
                ? failure
                : said(
                        failure,
                        "; the one generated from the plan does: leave the rollback out of the order to have it");
    }

    /** Forward, and the author's statements as they are written on a copy of the clone. */
    private @Nullable Failure besideTheAuthors(RehearsalNotes notes) throws SQLException, InterruptedException {
        try (EquivalenceProof proof = EquivalenceProof.prepare(clone)) {
            Failure failure = forward(notes);
            AsWritten author = proof.author(statements, plan.settings(), checkPoint);
            if (notes.change != null) {
                notes.equivalence = proof.compare(clone.database(), plan, author);
                return failure;
            }
            notes.equivalence = Equivalence.notCompared("the plan does not come to its end");
            return failure != null && author != null && author.failure() == null
                    ? said(failure, "; as it is written, the change goes through on the clone")
                    : failure;
        }
    }

    private static @Nullable Failure failedWrites(Timings timings, String where) {
        return timings.failedWrites().isEmpty()
                ? null
                : Failure.of(
                        "writes-fail",
                        where + ", triggers of the plan stop the application: "
                                + String.join("; ", timings.failedWrites()));
    }

    private static Failure said(Failure failure, String more) {
        return new Failure(
                failure.code(),
                failure.message() + more,
                failure.retryable(),
                failure.statement(),
                failure.line(),
                failure.column(),
                failure.sqlState(),
                failure.log());
    }

    private @Nullable Failure forward(RehearsalNotes notes) throws SQLException, InterruptedException {
        try (TargetSession session = takeOver(clone.database());
                Connection observer = clone.database().open(Session.reader("fermata-rehearsal"))) {
            Connection connection = session.connection();
            Baseline before = Baseline.read(connection, validations);
            notes.start = WayBack.Start.read(connection, before, plan, statements);
            guard.before(observer);
            measured(session, observer, notes.forward, PlanRunner::expand);
            QueryGuard queries = guard.after(observer);
            notes.queries = queries;
            if (plan.contractFrom() != null) {
                Failure failure = validate(notes, connection, before);
                if (failure != null) {
                    return failure;
                }
                CatalogChange halfway = before.changeTo(CatalogSnapshot.read(connection));
                notes.halfway = halfway(halfway);
                failure = backFromHalfway(notes, session, observer, halfway);
                if (failure != null) {
                    return failure;
                }
                measured(session, observer, notes.forward, PlanRunner::contract);
                notes.queries = guard.afterContract(observer, queries);
            }
            notes.change = before.changeTo(CatalogSnapshot.read(connection));
            return validate(notes, connection, before);
        } catch (StepFailedException e) {
            return placed(e);
        }
    }

    /** A run may stay where both names work for days, so the way back from there is tried, too. */
    private @Nullable Failure backFromHalfway(
            RehearsalNotes notes, TargetSession session, Connection observer, CatalogChange halfway)
            throws SQLException, StepFailedException, InterruptedException {
        PlanRunner runner = runner(plan, session, observer, quiet());
        runner.back();
        WayBack left = WayBack.look(session.connection(), notes.start(), halfway, plan.leaves());
        if (!left.differences().isEmpty()) {
            notes.differences = left.differences();
            return Failure.of(
                    "rollback-does-not-undo",
                    "the way back from where both names work does not undo the change: "
                            + String.join("; ", left.differences()));
        }
        runner.expand();
        return null;
    }

    private static RehearsalReport.Halfway halfway(CatalogChange change) {
        return new RehearsalReport.Halfway(
                change.fingerprint(), List.copyOf(change.after().keySet()));
    }

    private @Nullable Failure validate(RehearsalNotes notes, Connection connection, Baseline before)
            throws SQLException {
        notes.validations =
                Validations.compare(validations, before.answers(), Validations.ask(connection, validations));
        for (ValidationResult result : notes.validations) {
            if (!result.passed()) {
                return Failure.of(
                        "validation-failed",
                        "after the change, '" + result.name() + "' is " + result.after() + " (before: "
                                + result.before() + "): " + result.detail());
            }
        }
        return null;
    }

    /**
     * Where the plan brings the author's rollback: the other one, on a copy of the clone as it is after the change. A copy
     * that cannot be had, for want of disk space for example, is no reason to know nothing of the author's either.
     */
    private Optional<RollbackTrial> generatedWayBack(RehearsalNotes notes) throws SQLException, InterruptedException {
        Optional<Plan> generated = WayBack.generated(plan);
        if (generated.isEmpty()) {
            return Optional.empty();
        }
        long begin = System.nanoTime();
        Clone.Copy copy;
        try {
            copy = clone.copy("b");
        } catch (TargetException e) {
            return Optional.of(trial(generated.get(), "it was not tried: " + e.getMessage(), List.of(), begin));
        }
        try (copy) {
            return Optional.of(generatedWayBack(notes, generated.get(), copy, begin));
        }
    }

    private RollbackTrial generatedWayBack(RehearsalNotes notes, Plan way, Clone.Copy copy, long begin)
            throws SQLException, InterruptedException {
        try (TargetSession session = takeOver(copy.database());
                Connection observer = copy.database().open(Session.reader("fermata-rehearsal"))) {
            runner(way, session, observer, quiet()).back();
            WayBack left = WayBack.look(session.connection(), notes.start(), notes.change(), way.leaves());
            return trial(way, null, left.differences(), begin);
        } catch (StepFailedException e) {
            return trial(way, e.failure().message(), List.of(), begin);
        }
    }

    private @Nullable Failure backAndForward(RehearsalNotes notes) throws SQLException, InterruptedException {
        long begin = System.nanoTime();
        try (TargetSession session = takeOver(clone.database());
                Connection observer = clone.database().open(Session.reader("fermata-rehearsal"))) {
            measured(session, observer, notes.back, PlanRunner::back);
            boolean generated = plan.rollback().source() == Plan.Source.GENERATED;
            WayBack left = WayBack.look(
                    session.connection(), notes.start(), notes.change(), generated ? plan.leaves() : List.of());
            notes.ways.add(trial(plan, null, left.differences(), begin));
            notes.byTriggers = left.byTriggers();
            notes.differences = flagged() ? left.catalog() : left.differences();
            if (!notes.differences.isEmpty()) {
                String whose =
                        plan.rollback().source() == Plan.Source.AUTHOR ? "the rollback" : "the generated rollback";
                return Failure.of(
                        "rollback-does-not-undo",
                        whose + " does not undo the change: " + String.join("; ", notes.differences));
            }
            runner(plan, session, observer, quiet()).forward();
            List<String> second = notes.start()
                    .baseline()
                    .changeTo(CatalogSnapshot.read(session.connection()))
                    .differencesFrom(notes.change());
            return second.isEmpty()
                    ? null
                    : Failure.of(
                            "not-repeatable",
                            "the second time forward came to something else: " + String.join("; ", second));
        } catch (StepFailedException e) {
            Failure failure = placed(e);
            if (e.direction() == Direction.BACK) {
                notes.ways.add(trial(plan, failure.message(), List.of(), begin));
            }
            return failure;
        }
    }

    private static RollbackTrial trial(Plan plan, @Nullable String failure, List<String> differences, long begin) {
        return new RollbackTrial(
                plan.rollback().source(),
                failure == null && differences.isEmpty(),
                failure,
                differences,
                Duration.ofNanos(System.nanoTime() - begin),
                WayBack.lossless(plan));
    }

    private TargetSession takeOver(TargetDatabase database) throws InterruptedException {
        return TargetSession.takeOver(database, scope, PATIENCE, () -> {});
    }

    /** One way of the plan. */
    @FunctionalInterface
    private interface Way {
        void run(PlanRunner runner) throws SQLException, StepFailedException, InterruptedException;
    }

    private void measured(TargetSession session, Connection observer, Timings timings, Way way)
            throws SQLException, StepFailedException, InterruptedException {
        Scale scale = new Scale(clone.extent(), touched.sizes(), TableStats.all(observer));
        try (StepMeter meter = StepMeter.start(clone.database(), session, touched.tables(), scale);
                TriedWrites writes = TriedWrites.start(clone.database(), touched.tables())) {
            way.run(runner(plan, session, observer, timings.listener(checkPoint, meter, writes)));
        }
    }

    private StepListener quiet() {
        return new QuietListener(checkPoint) {
            @Override
            public void completed(int step, Direction direction, StepResult result) {}
        };
    }

    private PlanRunner runner(Plan which, TargetSession session, Connection observer, StepListener listener)
            throws SQLException {
        return new PlanRunner(which, session, observer, listener, random);
    }

    /** Whether the plan says itself, as a red flag, that data is not brought back. */
    private boolean flagged() {
        return plan.redFlags().stream().anyMatch(flag -> flag.code().equals("rollback-may-lose-data"));
    }

    /** Where the server of the clone is to blame, and not what the author wrote, there is nothing to ask the author. */
    private Failure placed(StepFailedException e) {
        Failure failure = e.failure();
        if (failure.retryable()) {
            throw new CloneRefusedException("the clone is of no use just now: " + failure.message());
        }
        if (e.direction() == Direction.BACK) {
            return new Failure(
                    "rollback-fails",
                    "the rollback fails: " + failure.message(),
                    false,
                    null,
                    null,
                    null,
                    failure.sqlState(),
                    failure.log());
        }
        Step step = plan.steps().get(e.step() - 1);
        Statement statement = statements.get(step.origin());
        return new Failure(
                failure.code(),
                "statement " + (statement.index() + 1) + " (line " + statement.line() + "): " + failure.message(),
                false,
                statement.index(),
                statement.line(),
                statement.column(),
                failure.sqlState(),
                failure.log());
    }
}
