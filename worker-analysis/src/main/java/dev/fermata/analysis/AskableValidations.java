package dev.fermata.analysis;

import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.Unseen;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out the validation queries that the role which carries the change out may not ask: one that is refused before and
 * after would have a good change taken back. EXPLAIN asks for the same rights, and reads nothing.
 */
final class AskableValidations {
    private AskableValidations() {}

    /** @param connection of the user, in autocommit mode */
    static ImpactReport keep(TargetDatabase target, Connection connection, ImpactReport report) throws SQLException {
        List<ValidationQuery> askable = new ArrayList<>();
        List<Unseen> unseen = new ArrayList<>();
        target.act(connection, Session.Rights.ROLE);
        for (ValidationQuery query : report.validations()) {
            if (mayAsk(connection, query)) {
                askable.add(query);
            } else {
                unseen.add(new Unseen(
                        "after the change: " + query.name(),
                        "our role may not ask it (GRANT SELECT on the tables of: " + query.sql() + ")"));
            }
        }
        target.act(connection, Session.Rights.USER);
        return unseen.isEmpty() ? report : report.withValidations(askable, unseen);
    }

    private static boolean mayAsk(Connection connection, ValidationQuery query) throws SQLException {
        try (Statement explain = connection.createStatement()) {
            explain.setEscapeProcessing(false);
            explain.execute("EXPLAIN " + query.sql());
            return true;
        } catch (SQLException e) {
            Trouble trouble = Trouble.of(e);
            if (trouble == Trouble.CONNECTION_LOST) {
                throw e;
            }
            return trouble != Trouble.PERMISSION_DENIED; // a lock that somebody holds just now says nothing of rights
        }
    }
}
