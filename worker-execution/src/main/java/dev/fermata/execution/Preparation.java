package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.DirectiveMessage.PrepareOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.RehearsalReported;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.execution.guard.Guard;
import dev.fermata.execution.guard.TopQueries;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.CloneRefusedException;
import dev.fermata.execution.rehearsal.Rehearsal;
import dev.fermata.execution.rehearsal.RestingObjects;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Drafts the plan and rehearses it. The target itself is only read. */
final class Preparation {
    private final Planner planner;
    private final SqlParser parser;
    private final PrepareOrdered order;

    Preparation(Planner planner, SqlParser parser, PrepareOrdered order) {
        this.parser = parser;
        this.planner = planner;
        this.order = order;
    }

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk) throws InterruptedException {
        Planner.Planned planned;
        try {
            planned = new Drafting(planner).draft(desk.target(), order.runId(), order.revision(), order.order());
        } catch (PlanRefusedException e) {
            return List.of(desk.failed("prepare", 0, e.failure()));
        }
        Plan plan = planned.plan();
        Scope scope = new Scope(order.runId(), order.revision(), order.epoch(), plan.digest());
        desk.context().publish(new PlanPrepared(scope.run(), scope.revision(), scope.epoch(), plan, scope.digest()));
        RehearsalReport report;
        try {
            report = rehearse(desk, planned, scope);
        } catch (CloneRefusedException e) {
            return List.of(
                    desk.failed("prepare", 0, Failure.retryable("clone-failed", String.valueOf(e.getMessage()))));
        } catch (TargetException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedException("asked to stop");
            }
            // Whatever the clone's server refuses is not the author's to mend.
            return List.of(
                    desk.failed("prepare", 0, Failure.retryable("clone-failed", String.valueOf(e.getMessage()))));
        }
        return List.of(new RehearsalReported(scope.run(), scope.revision(), scope.epoch(), scope.digest(), report));
    }

    private RehearsalReport rehearse(DirectiveJobs.Desk desk, Planner.Planned planned, Scope scope)
            throws InterruptedException {
        WorkOrder.Clone wanted = order.order().rehearsal().cloneBy();
        if (wanted == WorkOrder.Clone.NONE) {
            return new RehearsalReport(
                    "none",
                    true,
                    null,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    Duration.ZERO,
                    List.of(),
                    QueryGuard.notLooked("no clone is wanted, and only a clone shows what becomes of queries"));
        }
        desk.context().checkOwned();
        Clone.sweep(desk.target(), desk.clones().elsewhere(desk.target()));
        try (Clone clone = Clone.make(desk.target(), scope.run(), desk.clones().choose(wanted, desk.target()))) {
            RestingObjects.namedIn(order.order(), desk.target()).addTo(clone.database());
            return new Rehearsal(
                            clone,
                            planned.plan(),
                            scope,
                            planned.statements(),
                            order.validations(),
                            new Rehearsal.Touched(Tables.of(planned.plan()), planned.tables()),
                            new Guard(topQueries(desk.target()), Tables.of(planned.plan()), parser, clone.hasAllRows()),
                            desk.random(),
                            desk.context()::checkOwned)
                    .run();
        }
    }

    private TopQueries topQueries(TargetDatabase target) {
        try (Connection connection =
                target.open(Session.reader("fermata-guard/" + order.runId().order()))) {
            return TopQueries.read(connection);
        } catch (SQLException e) {
            throw TargetException.of(
                    "reading the queries of target '" + target.address().name() + "'", e);
        }
    }
}
