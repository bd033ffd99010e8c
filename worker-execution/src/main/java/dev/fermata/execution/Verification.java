package dev.fermata.execution;

import dev.fermata.contracts.message.DirectiveMessage.VerificationOrdered;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Verified;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.verify.Baseline;
import dev.fermata.execution.verify.CatalogChange;
import dev.fermata.execution.verify.Validations;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
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

    List<? extends ExecutionMessage> run(DirectiveJobs.Desk desk) {
        Session session = Session.reader(desk.scope().session("verify")).withStatementTimeout(Duration.ofMinutes(10));
        try (Connection connection = desk.target().open(session)) {
            return List.of(verify(desk.scope(), connection));
        } catch (SQLException e) {
            throw TargetException.of(
                    "verifying target '" + desk.target().address().name() + "'", e);
        }
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
                CatalogChange.parse(changed.get()).restrictedTo(order.catalogIdentities()),
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
