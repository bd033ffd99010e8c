package dev.fermata.execution;

import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;

/** How much of a plan is, or may be, in effect on the target. */
final class StepsDone {
    private StepsDone() {}

    /** Steps that the ledger says were begun and not taken back; -1 when the target cannot be asked. */
    static int count(DirectiveJobs.Desk desk) {
        Session session = Session.reader("fermata-ledger/" + desk.scope().run().order());
        try (Connection connection = desk.target().open(session)) {
            if (!Ledger.exists(connection)) {
                return 0;
            }
            return (int) new Ledger(desk.scope())
                    .forward(connection).values().stream()
                            .filter(entry -> entry.state() != Entry.State.UNDONE)
                            .count();
        } catch (SQLException | TargetException e) {
            return -1;
        }
    }
}
