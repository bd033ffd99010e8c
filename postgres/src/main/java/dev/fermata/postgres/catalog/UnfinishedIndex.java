package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * An index that a failed CREATE INDEX CONCURRENTLY left behind. Only a superuser may mark one as invalid, so it is made
 * as the first was, and fails as well: on the rows, if the reason is in them, and else because in the end it would wait
 * for a session with an older snapshot (PostgreSQL documentation, CREATE INDEX, "Building Indexes Concurrently").
 *
 * @param name as SQL, with its schema
 * @param statement of the script, with CONCURRENTLY
 */
public record UnfinishedIndex(String name, String statement) {
    private static final String LEFT = """
        SELECT FROM pg_index i WHERE i.indexrelid = to_regclass(?) AND NOT i.indisvalid
        """;

    /** The first is enough but for an autovacuum of the table, which gives way after a deadlock_timeout. */
    private static final List<String> PATIENCE = List.of("50ms", "5s");

    /**
     * @param clone in no transaction, but not in autocommit mode
     * @param beside another session in the same database, in autocommit mode
     */
    void leaveIn(Connection clone, Connection beside) throws SQLException {
        try (Statement holding = clone.createStatement();
                Statement building = beside.createStatement()) {
            building.setEscapeProcessing(false);
            building.execute("SET statement_timeout = 0");
            holding.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            holding.execute(
                    "SELECT set_config('idle_in_transaction_session_timeout', '0', true)"); // takes the snapshot
            SQLException failure = null;
            for (String patience : PATIENCE) {
                building.execute("SET lock_timeout = '" + patience + "'");
                try {
                    building.execute(statement);
                } catch (SQLException e) {
                    failure = e;
                }
                if (isLeft(beside)) {
                    return;
                }
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            clone.rollback();
        }
    }

    private boolean isLeft(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LEFT)) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }
}
