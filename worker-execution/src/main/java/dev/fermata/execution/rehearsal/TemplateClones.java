package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A copy of the target's files by the server, the fastest and truest there is. Nobody else may be connected meanwhile. */
final class TemplateClones implements CloneProvider {
    private static final String IN_USE = "55006";

    @Override
    public String kind() {
        return "template";
    }

    @Override
    public Extent extent() {
        return Extent.ALL;
    }

    @Override
    public String describe() {
        return "a copy of the target's files beside it, made by the server; nobody else may be connected to the target"
                + " while it is made";
    }

    @Override
    public Made make(Request request) throws SQLException {
        TargetDatabase origin = request.origin();
        try {
            List<String> notes = DatabaseClones.create(
                    request.keeper(),
                    origin,
                    request.name(),
                    origin.address().database(),
                    "clone of " + origin.address().database() + " for run " + request.run());
            return new Made(DatabaseClones.beside(origin, request.name()), origin, notes);
        } catch (SQLException e) {
            if (IN_USE.equals(e.getSQLState())) {
                throw new CloneRefusedException("others are connected to target '"
                        + origin.address().name()
                        + "', and a clone by template needs it to itself; close their connections, or take"
                        + " rehearsal.clone: dump");
            }
            throw e;
        }
    }

    @Override
    public void remove(Connection keeper, String name) throws SQLException {
        DatabaseClones.remove(keeper, name);
    }

    @Override
    public List<String> existing(Connection keeper, String prefix) throws SQLException {
        return DatabaseClones.existing(keeper, prefix);
    }
}
