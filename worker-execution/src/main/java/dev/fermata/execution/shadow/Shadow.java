package dev.fermata.execution.shadow;

import dev.fermata.contracts.id.RunId;
import dev.fermata.execution.plan.Piece;
import dev.fermata.execution.plan.Stage;
import dev.fermata.execution.plan.Stages;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.execution.rehearsal.RestingObjects;
import dev.fermata.postgres.catalog.SchemaCopy;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.schema.Publication;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** An empty copy of a schema on which a change is tried, piece by piece, as it is written. */
final class Shadow implements AutoCloseable {
    private static final Duration LONGEST_PIECE = Duration.ofMinutes(1);
    private static final Set<String> ROWS =
            Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt");

    /** May not be made, or is not there: relation, function, anything else. */
    private static final Set<String> FOR_WANT_OF_SOMETHING = Set.of("42501", "42P01", "42883", "42704");

    private final Clone database;
    private final Connection connection;
    private final List<String> missing = new ArrayList<>();

    private Shadow(Clone database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    static Shadow make(TargetDatabase target, RunId run, String purpose, SchemaScript schema, RestingObjects resting) {
        Shadow shadow = empty(target, run, purpose);
        boolean done = false;
        try {
            SchemaCopy copy = schema.into(
                    shadow.connection, () -> shadow.database.database().open(session(run)));
            copy.beforeData();
            copy.afterData();
            copy.missing().forEach(thing -> shadow.missing.add(thing.name()));
            resting.addTo(shadow.database.database());
            done = true;
            return shadow;
        } catch (SQLException e) {
            throw TargetException.of(
                    "copying the schema of target '" + target.address().name() + "'", e);
        } finally {
            if (!done) {
                shadow.close();
            }
        }
    }

    private static Shadow empty(TargetDatabase target, RunId run, String purpose) {
        Clone database = Clone.scratch(target, run, purpose, "");
        Connection connection = null;
        try {
            connection = database.database().open(session(run).withStatementTimeout(LONGEST_PIECE));
            return new Shadow(database, connection);
        } finally {
            if (connection == null) {
                database.close();
            }
        }
    }

    private static Session session(RunId run) {
        return Session.writer("fermata-plan/" + run.order());
    }

    /**
     * Tries the pieces up to the first that fails.
     *
     * @param published by the target, whether the copy could have them or not
     */
    Stages run(List<Piece> pieces, List<Publication> published) {
        try {
            List<Stage> stages = new ArrayList<>();
            Stage first = Stage.read(connection);
            Set<String> here = first.schema().publications().stream()
                    .map(Publication::name)
                    .collect(Collectors.toSet());
            List<Publication> others =
                    published.stream().filter(one -> !here.contains(one.name())).toList();
            stages.add(first.withPublications(others));
            for (Piece piece : pieces) {
                if (!piece.isPurge()) {
                    try (Statement statement = connection.createStatement()) {
                        statement.setEscapeProcessing(false);
                        statement.execute(piece.sql());
                    } catch (SQLException e) {
                        Trouble trouble = Trouble.of(e);
                        if (trouble.mayPass() || trouble == Trouble.DISK_FULL) {
                            throw e; // of the server, and not of what the author wrote
                        }
                        return new Stages(stages, why(e));
                    }
                }
                stages.add(after(piece, stages.getLast(), others));
            }
            return new Stages(stages, null);
        } catch (SQLException e) {
            throw TargetException.of("trying the change on an empty copy of the schema", e);
        }
    }

    /** It may be the copy's fault. */
    private SafeMessage why(SQLException e) {
        SafeMessage said = SafeMessage.of(e);
        return missing.isEmpty() || !FOR_WANT_OF_SOMETHING.contains(said.sqlState())
                ? said
                : new SafeMessage(
                        said.sqlState(),
                        said.text() + "; the copy is without what its role may not make: "
                                + String.join(", ", missing));
    }

    private Stage after(Piece piece, Stage before, List<Publication> others) throws SQLException {
        String kind = piece.statement().kind();
        if (piece.isPurge() || ROWS.contains(kind)) {
            return before;
        }
        Stage after = Stage.read(connection).withPublications(others);
        return kind.equals("AlterTableStmt") ? CastsBack.ask(connection, before, after) : after;
    }

    @Override
    public void close() {
        try (database) {
            connection.close();
        } catch (SQLException e) {
            throw TargetException.of("leaving the empty copy of the schema", e);
        }
    }
}
