package dev.fermata.execution.shadow;

import dev.fermata.contracts.id.RunId;
import dev.fermata.execution.plan.Piece;
import dev.fermata.execution.plan.Stage;
import dev.fermata.execution.plan.Stages;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An empty copy of a schema on which a change is tried, piece by piece, as it is written. */
final class Shadow implements AutoCloseable {
    private static final Duration LONGEST_PIECE = Duration.ofMinutes(1);
    private static final Set<String> ROWS =
            Set.of("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt");

    private final Clone database;
    private final RunId run;

    private Shadow(Clone database, RunId run) {
        this.database = database;
        this.run = run;
    }

    static Shadow make(TargetDatabase target, RunId run, String purpose, SchemaScript schema) {
        Clone database = Clone.scratch(target, run, purpose, "");
        try (Connection connection = database.database().open(Session.writer("fermata-plan/" + run.order()))) {
            schema.applyBeforeData(connection);
            schema.applyAfterData(connection);
            return new Shadow(database, run);
        } catch (SQLException e) {
            database.close();
            throw TargetException.of(
                    "copying the schema of target '" + target.address().name() + "'", e);
        }
    }

    /** Tries the pieces up to the first that fails. */
    Stages run(List<Piece> pieces) {
        Session session = Session.writer("fermata-plan/" + run.order()).withStatementTimeout(LONGEST_PIECE);
        try (Connection connection = database.database().open(session)) {
            List<Stage> stages = new ArrayList<>();
            stages.add(Stage.read(connection));
            for (Piece piece : pieces) {
                if (!piece.isPurge()) {
                    try (Statement statement = connection.createStatement()) {
                        statement.setEscapeProcessing(false);
                        statement.execute(piece.sql());
                    } catch (SQLException e) {
                        return new Stages(stages, SafeMessage.of(e));
                    }
                }
                stages.add(after(connection, piece, stages.getLast()));
            }
            return new Stages(stages, null);
        } catch (SQLException e) {
            throw TargetException.of("trying the change on an empty copy of the schema", e);
        }
    }

    private static Stage after(Connection connection, Piece piece, Stage before) throws SQLException {
        String kind = piece.statement().kind();
        if (piece.isPurge() || ROWS.contains(kind)) {
            return before;
        }
        Stage after = Stage.read(connection);
        return kind.equals("AlterTableStmt") ? CastsBack.ask(connection, before, after) : after;
    }

    @Override
    public void close() {
        database.close();
    }
}
