package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.message.DirectiveMessage.ContractOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Executed;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Runs the steps that waited until nobody uses the old names any more; continues where an earlier attempt came to. */
final class Contraction {
    private final ContractOrdered order;

    Contraction(ContractOrdered order) {
        this.order = order;
    }

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk)
            throws StepFailedException, IOException, InterruptedException {
        DirectiveJobs.checkDigest(order.plan(), order.digest());
        long begin = System.nanoTime();
        desk.work().run((session, observer) -> {
            go(desk, session, observer);
            return true;
        });
        Scope scope = desk.scope();
        return List.of(new Executed(
                scope.run(),
                scope.revision(),
                scope.epoch(),
                scope.digest(),
                order.plan().steps().size(),
                Duration.ofNanos(System.nanoTime() - begin)));
    }

    private void go(DirectiveJobs.Desk desk, TargetSession session, Connection observer)
            throws SQLException, StepFailedException, InterruptedException {
        Connection connection = session.connection();
        Ledger ledger = new Ledger(desk.scope());
        Baseline before = Baseline.parse(ledger.note(connection, Ledger.Note.BEFORE)
                .orElseThrow(() -> StepFailedException.before(
                        Failure.of("unknown-state", "the ledger of the target has no record of this run"))));
        new PlanRunner(order.plan(), session, observer, desk.reporter(), desk.random()).contract();
        String change = before.changeTo(CatalogSnapshot.read(connection)).write();
        session.change(c -> {
            ledger.keep(c, Ledger.Note.CHANGED, change);
        });
    }
}
