package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Databases beside the target with nothing in them. */
final class EmptyDatabases implements CloneProvider {
    private final String options;

    EmptyDatabases() {
        this("");
    }

    /** @param options of CREATE DATABASE, such as a locale; empty: as the target has them */
    EmptyDatabases(String options) {
        this.options = options;
    }

    @Override
    public String kind() {
        return "scratch";
    }

    @Override
    public Extent extent() {
        return Extent.NONE;
    }

    @Override
    public String describe() {
        return "an empty database beside the target";
    }

    @Override
    public Made make(Request request) throws SQLException {
        TargetDatabase origin = request.origin();
        List<String> notes = DatabaseClones.createEmpty(
                request.keeper(),
                origin,
                request.name(),
                options.isEmpty() ? DatabaseOptions.of(request.keeper()) : options,
                "scratch database of " + origin.address().database() + " for run " + request.run());
        return new Made(DatabaseClones.beside(origin, request.name()), origin, notes);
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
