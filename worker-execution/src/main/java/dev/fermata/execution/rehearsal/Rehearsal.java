package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
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
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The plan on a clone: forward, validate, back, compare with the start, forward again, compare with the first time. The same
 * code runs the steps here as on the target.
 */
public final class Rehearsal {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Clone clone;
    private final Plan plan;
    private final Scope scope;
    private final List<Statement> statements;
    private final List<ValidationQuery> validations;
    private final Set<QualifiedName> tables;
    private final Guard guard;
    private final RandomGenerator random;
    private final Runnable checkPoint;

    /**
     * @param statements the author's, to place errors
     * @param tables that exist and are touched
     * @param guard of the queries that the target runs
     * @param checkPoint throws when the work should not go on
     */
    public Rehearsal(
            Clone clone,
            Plan plan,
            Scope scope,
            List<Statement> statements,
            List<ValidationQuery> validations,
            Set<QualifiedName> tables,
            Guard guard,
            RandomGenerator random,
            Runnable checkPoint) {
        this.clone = clone;
        this.plan = plan;
        this.scope = scope;
        this.statements = List.copyOf(statements);
        this.validations = List.copyOf(validations);
        this.tables = Set.copyOf(tables);
        this.guard = guard;
        this.random = random;
        this.checkPoint = checkPoint;
    }

    /** What was found out so far. */
    private static final class Notes {
        private final Timings forward = new Timings();
        private final Timings back = new Timings();
        private List<ValidationResult> validations = List.of();
        private List<String> differences = List.of();
        private @Nullable String catalogAfter;
        private List<String> catalogIdentities = List.of();
        private @Nullable QueryGuard queries;
    }

    /** Runs it all. A plan that does not pass is a report, not an exception. */
    public RehearsalReport run() throws InterruptedException {
        long begin = System.nanoTime();
        Notes notes = new Notes();
        Failure failure = null;
        try (TargetSession session = TargetSession.takeOver(clone.database(), scope, PATIENCE, () -> {});
                Connection observer = clone.database().open(Session.reader("fermata-rehearsal"))) {
            failure = rehearse(session, observer, notes);
        } catch (StepFailedException e) {
            failure = placed(e);
        } catch (SQLException e) {
            throw TargetException.of("rehearsing on the clone", e);
        }
        return new RehearsalReport(
                clone.kind(),
                failure == null,
                failure,
                notes.forward.timings(),
                notes.back.timings(),
                notes.validations,
                notes.differences,
                notes.catalogAfter,
                Duration.ofNanos(System.nanoTime() - begin),
                notes.catalogIdentities,
                notes.queries);
    }

    private @Nullable Failure rehearse(TargetSession session, Connection observer, Notes notes)
            throws SQLException, StepFailedException, InterruptedException {
        Connection connection = session.connection();
        Baseline before = Baseline.read(connection, validations);
        Map<QualifiedName, ContentChecksum> contents = contents(connection);
        guard.before(observer);
        runner(session, observer, notes.forward).forward();
        notes.queries = guard.after(observer);
        CatalogChange change = before.changeTo(CatalogSnapshot.read(connection));
        notes.catalogAfter = change.fingerprint();
        notes.catalogIdentities = List.copyOf(change.after().keySet());
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
        runner(session, observer, notes.back).back();
        notes.differences = notUndone(before, change, contents, connection);
        if (!notes.differences.isEmpty()) {
            String whose = plan.rollback().source() == Plan.Source.AUTHOR ? "the rollback" : "the generated rollback";
            return Failure.of(
                    "rollback-does-not-undo",
                    whose + " does not undo the change: " + String.join("; ", notes.differences));
        }
        runner(session, observer, new Timings()).forward();
        List<String> second = before.changeTo(CatalogSnapshot.read(connection)).differencesFrom(change);
        return second.isEmpty()
                ? null
                : Failure.of(
                        "not-repeatable",
                        "the second time forward came to something else: " + String.join("; ", second));
    }

    private PlanRunner runner(TargetSession session, Connection observer, Timings timings) throws SQLException {
        return new PlanRunner(plan, session, observer, timings.listener(checkPoint), random);
    }

    private Map<QualifiedName, ContentChecksum> contents(Connection connection) throws SQLException {
        Map<QualifiedName, ContentChecksum> contents = new LinkedHashMap<>();
        for (QualifiedName table : tables) {
            contents.put(table, ContentChecksum.of(connection, table));
        }
        return contents;
    }

    private List<String> notUndone(
            Baseline before, CatalogChange change, Map<QualifiedName, ContentChecksum> contents, Connection connection)
            throws SQLException {
        List<String> differences = new ArrayList<>(before.notRestored(change, CatalogSnapshot.read(connection)));
        before.changeTo(CatalogSnapshot.read(connection)).after().keySet().stream()
                .filter(identity -> !change.after().containsKey(identity))
                .forEach(identity -> differences.add(identity + " was changed by the rollback"));
        if (!differences.isEmpty() || flagged()) {
            return differences; // the data of a table of another shape cannot be compared
        }
        for (Map.Entry<QualifiedName, ContentChecksum> was : contents.entrySet()) {
            ContentChecksum is = ContentChecksum.of(connection, was.getKey());
            if (!is.equals(was.getValue())) {
                differences.add("table " + was.getKey() + " holds " + is.rows() + " rows of other content (before: "
                        + was.getValue().rows() + " rows)");
            }
        }
        return differences;
    }

    /** Whether the plan says itself, as a red flag, that data is not brought back. */
    private boolean flagged() {
        return plan.redFlags().stream().anyMatch(flag -> flag.code().equals("rollback-may-lose-data"));
    }

    private Failure placed(StepFailedException e) {
        Failure failure = e.failure();
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

    /** Collects the time that each step takes. */
    private static final class Timings {
        private final List<StepTiming> timings = new ArrayList<>();

        List<StepTiming> timings() {
            return timings;
        }

        StepListener listener(Runnable checkPoint) {
            return new QuietListener(checkPoint) {
                @Override
                public void completed(int step, Direction direction, StepResult result) {
                    timings.add(new StepTiming(step, result.elapsed(), result.rows()));
                }
            };
        }
    }
}
