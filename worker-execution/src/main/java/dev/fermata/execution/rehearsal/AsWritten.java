package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.Plan;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The author's statements as they are written, the way psql runs a file: one after the other in one session, each in a
 * transaction of its own, up to the first that fails.
 *
 * @param failure which statement failed and why; null when all went through
 */
record AsWritten(Duration elapsed, @Nullable String failure) {

    static AsWritten run(
            TargetDatabase database, List<Statement> statements, Plan.Settings settings, Runnable checkPoint)
            throws SQLException {
        long begin = System.nanoTime();
        Session session = Session.writer("fermata-as-written")
                .withLockTimeout(Duration.ZERO)
                .withStatementTimeout(settings.statementTimeout());
        String failure = null;
        try (Connection connection = database.open(session)) {
            for (Statement statement : statements) {
                checkPoint.run();
                failure = run(connection, statement);
                if (failure != null) {
                    break;
                }
            }
        }
        return new AsWritten(Duration.ofNanos(System.nanoTime() - begin), failure);
    }

    private static @Nullable String run(Connection connection, Statement statement) throws SQLException {
        try (java.sql.Statement execution = connection.createStatement()) {
            execution.setEscapeProcessing(false);
            execution.execute(statement.text());
            return null;
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            return "statement " + (statement.index() + 1) + " (line " + statement.line() + ") fails: "
                    + SafeMessage.of(e).text();
        }
    }
}
