package dev.fermata.execution;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.BackupVerified;
import dev.fermata.contracts.message.ExecutionMessage.Executed;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.backup.Backup;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.execution.plan.Planner;
import dev.fermata.execution.rehearsal.CloneRefusedException;
import dev.fermata.execution.shadow.Drafting;
import dev.fermata.execution.step.PlanRunner;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.AtticInventory;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.Validations;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.TargetFailures;
import dev.fermata.postgres.targets.Trouble;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Backs up, then runs the plan up to where it waits for the word to contract, if it does; continues where the ledger says an
 * earlier attempt came to.
 */
final class Forward {
    private final ExecutionOrdered order;

    Forward(ExecutionOrdered order) {
        this.order = order;
    }

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk)
            throws StepFailedException, IOException, InterruptedException {
        DirectiveJobs.checkDigest(order.plan(), order.digest());
        DirectiveJobs.checkDigest(order.plan(), order.approval().digest());
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
                order.plan().lastBeforeContract(),
                Duration.ofNanos(System.nanoTime() - begin)));
    }

    private void go(DirectiveJobs.Desk desk, TargetSession session, Connection observer)
            throws SQLException, StepFailedException, IOException, InterruptedException {
        Connection connection = session.connection();
        checkIdentity(connection, order.plan(), order.runId());
        Ledger ledger = new Ledger(desk.scope());
        Optional<String> kept = ledger.note(connection, Ledger.Note.BEFORE);
        Baseline before;
        if (kept.isPresent() && !ledger.forward(connection).isEmpty()) {
            before = Baseline.parse(kept.get());
        } else {
            before = prepare(desk, session, ledger);
        }
        new PlanRunner(order.plan(), session, observer, desk.reporter(), desk.random()).expand();
        keepWhatCame(session, ledger, before, desk.scope());
    }

    /** For the verification, and for a way back that may be ordered much later. */
    static void keepWhatCame(TargetSession session, Ledger ledger, Baseline before, Scope scope) throws SQLException {
        Connection connection = session.connection();
        String change = before.changeTo(CatalogSnapshot.read(connection)).write();
        String attic = AtticInventory.read(connection, Planner.runKey(scope.run(), scope.revision()))
                .write();
        session.change(c -> {
            ledger.keep(c, Ledger.Note.CHANGED, change);
            ledger.keep(c, Ledger.Note.ATTIC, attic);
        });
    }

    /** As long as no step has begun, also when an earlier attempt came as far as this: others may have been here since. */
    private Baseline prepare(DirectiveJobs.Desk desk, TargetSession session, Ledger ledger)
            throws SQLException, StepFailedException, IOException, InterruptedException {
        Connection connection = session.connection();
        Set<QualifiedName> tables = Tables.of(order.plan());
        checkCatalog(connection, tables);
        backUp(desk, tables);
        checkCatalog(connection, tables); // a backup takes its time
        Baseline before = Baseline.read(connection, order.validations());
        requireAnswers(before);
        session.change(c -> {
            ledger.keep(c, Ledger.Note.BEFORE, before.write());
        });
        return before;
    }

    /** What the server will not answer cannot be compared afterwards, and would have a good change taken back. */
    static void requireAnswers(Baseline before) throws StepFailedException {
        for (Map.Entry<String, String> answer : before.answers().entrySet()) {
            if (answer.getValue().startsWith(Validations.ERROR)) {
                throw StepFailedException.before(Failure.of(
                        "validation-refused",
                        "nothing was done now: the server does not answer the validation query '" + answer.getKey()
                                + "' (" + answer.getValue() + "); let our role read what it names first"));
            }
        }
    }

    /** Whether the target is the very database that the plan was drafted for. */
    static void checkIdentity(Connection connection, Plan plan, RunId run) throws SQLException, StepFailedException {
        Plan.DatabaseIdentity is = Drafting.identity(connection);
        if (!is.equals(plan.database())) {
            throw StepFailedException.before(Failure.of(
                    "another-database",
                    "behind the name '" + run.target() + "' is database '" + is.name() + "' of another server"
                            + " than the plan was drafted for ("
                            + plan.database().name() + ")"));
        }
    }

    /** What was approved was approved for the catalog as it was then. */
    private void checkCatalog(Connection connection, Set<QualifiedName> tables)
            throws SQLException, StepFailedException {
        List<String> objects = order.plan().objects();
        String now = CatalogSnapshot.read(connection)
                .restrictedTo(tables, objects == null ? Set.of() : Set.copyOf(objects))
                .fingerprint();
        if (!now.equals(order.plan().catalogFingerprint())) {
            throw StepFailedException.before(
                    Failure.of("catalog-changed", "what the plan touches is no longer as it was when it was drafted"));
        }
    }

    private void backUp(DirectiveJobs.Desk desk, Set<QualifiedName> tables) throws IOException, InterruptedException {
        if (order.backup() == WorkOrder.BackupMode.NONE) {
            return;
        }
        Scope scope = desk.scope();
        Backup backup = new Backup(
                desk.target(),
                scope.run(),
                order.digest(),
                desk.config().backup(),
                desk.clock(),
                desk.context()::checkOwned);
        BackupReport report = take(backup, tables, desk.config().backup().reuse());
        desk.context()
                .publish(new BackupVerified(scope.run(), scope.revision(), scope.epoch(), scope.digest(), report));
    }

    /** What hinders the backup hinders nothing else: no step was begun, so there is nothing to take back. */
    private BackupReport take(Backup backup, Set<QualifiedName> tables, Duration reuse)
            throws IOException, InterruptedException {
        try {
            Optional<BackupReport> taken = backup.taken(order.backup(), reuse);
            return taken.isPresent() ? taken.get() : backup.take(order.backup(), tables);
        } catch (TargetException e) {
            boolean isAway = e.trouble() == Trouble.CONNECTION_LOST || e.trouble() == Trouble.RESOURCES;
            if (isAway || Thread.currentThread().isInterrupted()) {
                throw e; // what comes after it would find the same
            }
            throw new BackupFailedException(TargetFailures.of(e));
        } catch (CloneRefusedException e) {
            throw new BackupFailedException(Failure.retryable("clone-failed", String.valueOf(e.getMessage())));
        }
    }
}
