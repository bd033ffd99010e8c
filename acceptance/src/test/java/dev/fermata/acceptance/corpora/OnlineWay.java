package dev.fermata.acceptance.corpora;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.PlanRefusedException;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.step.StepListener;
import dev.fermata.execution.step.StepResult;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.targets.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** All that this driver knows of the planner and the executor: plan an order, run it, take it back. */
final class OnlineWay {
    private final Drafting drafting;

    OnlineWay(SqlParser parser) {
        this.drafting = new Drafting(new Planner(parser));
    }

    /** @param number of the order, which makes its id */
    Plan plan(int number, String up, @Nullable String down, Databases.Database database) throws PlanRefusedException {
        return drafting.draft(
                        database.target(),
                        RunId.parse(String.format("wo_01M8ACA8EK5QE74JA4EJ%06d/corpus", number)),
                        1,
                        WorkOrder.of("corpus", "author", List.of("corpus"), up, down))
                .plan();
    }

    void run(Plan plan, Direction direction, Databases.Database database)
            throws SQLException, StepFailedException, InterruptedException {
        Scope scope = new Scope(plan.runId(), 1, 1, plan.digest());
        try (TargetSession session = TargetSession.takeOver(database.target(), scope, Duration.ofSeconds(5), () -> {});
                Connection observer = database.target().open(Session.reader("observer"))) {
            PlanRunner runner = new PlanRunner(plan, session, observer, new Nobody(), new SplittableRandom(1));
            if (direction == Direction.FORWARD) {
                runner.forward();
            } else {
                runner.back();
            }
        }
    }

    /** Who listens. */
    private static final class Nobody implements StepListener {
        @Override
        public void started(int step, Direction direction, int attempt, String what) {}

        @Override
        public void progressed(int step, Direction direction, long done, long total) {}

        @Override
        public void blocked(
                int step, Direction direction, int attempt, int attempts, Duration retryIn, List<Blocker> blockers) {}

        @Override
        public void completed(int step, Direction direction, StepResult result) {}

        @Override
        public void checkPoint() {}
    }
}
