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
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.execution.verify.Validations;
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
        Forward.checkIdentity(connection, order.plan(), order.runId());
        Ledger ledger = new Ledger(desk.scope());
        Baseline before = Baseline.parse(note(ledger, connection, Ledger.Note.BEFORE));
        PlanRunner runner = new PlanRunner(order.plan(), session, observer, desk.reporter(), desk.random());
        if (runner.stepsDone() == order.plan().lastBeforeContract()) {
            CatalogChange came = CatalogChange.parse(note(ledger, connection, Ledger.Note.CHANGED));
            checkCatalog(
                    connection,
                    came.restrictedTo(
                            order.catalogIdentities(),
                            !order.catalogIdentities().isEmpty()));
            Baseline asked = before.with(Validations.ask(connection, order.validations()));
            Forward.requireAnswers(asked);
            session.change(c -> {
                ledger.keep(c, Ledger.Note.BEFORE, asked.write());
            });
        }
        runner.contract();
        Forward.keepWhatCame(session, ledger, before, desk.scope());
    }

    private static String note(Ledger ledger, Connection connection, Ledger.Note note)
            throws SQLException, StepFailedException {
        return ledger.note(connection, note)
                .orElseThrow(() -> StepFailedException.before(
                        Failure.of("unknown-state", "the ledger of the target has no record of this run")));
    }

    /** Both names have been there for a while: what was made of the objects meanwhile is not to be lost. */
    private static void checkCatalog(Connection connection, CatalogChange ours)
            throws SQLException, StepFailedException {
        List<String> changed = ours.changedAgain(CatalogSnapshot.read(connection));
        if (!changed.isEmpty()) {
            throw StepFailedException.before(Failure.of(
                    "catalog-changed",
                    "somebody changed " + String.join(", ", changed)
                            + " since both names work; make that as it was, then contract again"));
        }
    }
}
