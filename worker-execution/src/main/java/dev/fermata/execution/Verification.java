package dev.fermata.execution;

import dev.fermata.contracts.message.DirectiveMessage.VerificationOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Verified;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.step.StepFailedException;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.execution.verify.Validations;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.targets.Session;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the validation queries again and compares the catalog with what the rehearsal came to. Only reads. */
final class Verification {
    private final VerificationOrdered order;

    Verification(VerificationOrdered order) {
        this.order = order;
    }

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk)
            throws StepFailedException, IOException, InterruptedException {
        Session session = Session.reader(desk.scope().session("verify"))
                .withStatementTimeout(Duration.ZERO); // what was counted before may take as long once more
        Verified verified = desk.work().read(session, connection -> verify(desk.scope(), connection));
        return List.of(verified);
    }

    private Verified verify(Scope scope, Connection connection) throws SQLException {
        Ledger ledger = new Ledger(scope);
        Optional<String> before = ledger.note(connection, Ledger.Note.BEFORE);
        Optional<String> changed = ledger.note(connection, Ledger.Note.CHANGED);
        if (before.isEmpty() || changed.isEmpty()) {
            List<String> missing = List.of("the ledger of the target has no record of this run");
            return new Verified(
                    scope.run(), scope.revision(), scope.epoch(), scope.digest(), List.of(), false, missing);
        }
        Baseline baseline = Baseline.parse(before.get());
        List<String> differences = differences(
                CatalogChange.parse(changed.get())
                        .restrictedTo(order.catalogIdentities(), order.catalogAfter() != null),
                CatalogSnapshot.read(connection));
        Map<String, String> answers = Validations.ask(connection, order.validations());
        return new Verified(
                scope.run(),
                scope.revision(),
                scope.epoch(),
                scope.digest(),
                Validations.compare(order.validations(), baseline.answers(), answers),
                differences.isEmpty(),
                differences);
    }

    private List<String> differences(CatalogChange ours, CatalogSnapshot now) {
        List<String> differences = new ArrayList<>();
        String expected = order.catalogAfter();
        if (expected != null && !expected.equals(ours.fingerprint())) {
            differences.add("the steps changed the catalog otherwise than on the clone: "
                    + String.join(", ", ours.after().keySet()));
        }
        ours.changedAgain(now).forEach(identity -> differences.add(identity + " was changed again by somebody else"));
        return differences;
    }
}
