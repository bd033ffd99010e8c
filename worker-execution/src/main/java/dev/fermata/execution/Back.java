package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.message.DirectiveMessage.RollbackOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.RolledBack;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.RowsLeft;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.AtticInventory;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.execution.verify.Validations;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Takes back what the ledger says was done, and compares with what was kept before the first step. */
final class Back {
    private final RollbackOrdered order;

    Back(RollbackOrdered order) {
        this.order = order;
    }

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk)
            throws StepFailedException, IOException, InterruptedException {
        DirectiveJobs.checkDigest(order.plan(), order.digest());
        RolledBack answer = desk.work().run((session, observer) -> back(desk, session, observer));
        return List.of(answer);
    }

    private RolledBack back(DirectiveJobs.Desk desk, TargetSession session, Connection observer)
            throws SQLException, StepFailedException, InterruptedException {
        Connection connection = session.connection();
        Ledger ledger = new Ledger(desk.scope());
        Optional<String> kept = ledger.note(connection, Ledger.Note.BEFORE);
        if (kept.isEmpty()) {
            return answer(desk.scope(), 0, List.of(), List.of()); // nothing was begun
        }
        Baseline before = Baseline.parse(kept.get());
        if (nothingIsTakenBack(ledger, connection)) {
            checkCatalog(ledger, connection); // what a later change moved is not gone
            checkAttic(desk.scope(), ledger, connection);
        }
        CatalogSnapshot start = CatalogSnapshot.read(connection);
        CatalogChange ours = change(ledger, session, before.changeTo(start))
                .restrictedTo(order.catalogIdentities(), order.rehearsed());
        int undone = new PlanRunner(order.plan(), session, observer, desk.reporter(), desk.random()).back();
        CatalogSnapshot end = CatalogSnapshot.read(connection);
        List<String> differences = new ArrayList<>(before.notRestored(ours, end, leaves()));
        differences.addAll(before.rightsNotRestored(ours, start, end));
        differences.addAll(RowsLeft.of(connection, order.plan()));
        List<ValidationResult> validations = Validations.compare(
                order.validations(), before.answers(), Validations.ask(connection, order.validations()));
        return answer(desk.scope(), undone, differences, validations);
    }

    private boolean nothingIsTakenBack(Ledger ledger, Connection connection) throws SQLException {
        Map<Integer, Entry> entries = ledger.forward(connection);
        return ledger.back(connection).isEmpty()
                && order.plan().steps().stream()
                        .map(step -> entries.get(step.no()))
                        .allMatch(entry -> entry != null && entry.state() == Entry.State.DONE);
    }

    /** What was purged cannot come back, and then half of a way back would be worse than none. */
    private static void checkAttic(Scope scope, Ledger ledger, Connection connection)
            throws SQLException, StepFailedException {
        Optional<String> kept = ledger.note(connection, Ledger.Note.ATTIC);
        List<String> missing = kept.isEmpty()
                ? List.of()
                : AtticInventory.parse(kept.get())
                        .missingFrom(AtticInventory.read(connection, Planner.runKey(scope.run(), scope.revision())));
        if (!missing.isEmpty()) {
            throw StepFailedException.before(Failure.of(
                    "attic-purged",
                    "what the way back needs is gone: " + String.join(", ", missing)
                            + "; nothing was changed (write another order, or see 'fermata backup restore')"));
        }
    }

    /** As long as a run is not over it is taken back whatever others did; afterwards nothing of theirs may be undone. */
    private void checkCatalog(Ledger ledger, Connection connection) throws SQLException, StepFailedException {
        Optional<String> kept = ledger.note(connection, Ledger.Note.CHANGED);
        List<String> changed = kept.isEmpty() || !order.afterSuccess()
                ? List.of()
                : CatalogChange.parse(kept.get())
                        .restrictedTo(order.catalogIdentities(), order.rehearsed())
                        .changedAgain(CatalogSnapshot.read(connection));
        if (!changed.isEmpty()) {
            throw StepFailedException.before(Failure.of(
                    "catalog-changed",
                    "somebody changed " + String.join(", ", changed)
                            + " since; nothing was changed (take that back first, the latest change before the"
                            + " earlier)"));
        }
    }

    /** What the steps did to the catalog; kept before the first is taken back, for an attempt that comes after this one. */
    private static CatalogChange change(Ledger ledger, TargetSession session, CatalogChange now) throws SQLException {
        Optional<String> kept = ledger.note(session.connection(), Ledger.Note.CHANGED);
        if (kept.isPresent()) { // up to some step; whoever went on from there may have been cut off
            return now.with(CatalogChange.parse(kept.get()));
        }
        session.change(c -> {
            ledger.keep(c, Ledger.Note.CHANGED, now.write());
        });
        return now;
    }

    private List<String> leaves() {
        return order.plan().rollback().source() == Plan.Source.GENERATED
                ? order.plan().leaves()
                : List.of();
    }

    private static RolledBack answer(
            Scope scope, int undone, List<String> differences, List<ValidationResult> validations) {
        return new RolledBack(
                scope.run(),
                scope.revision(),
                scope.epoch(),
                scope.digest(),
                undone,
                differences.isEmpty(),
                differences,
                validations);
    }
}
