package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/**
 * Runs generated statements on a clone. In groups, because one transaction for all would need a lock for every table at
 * once ({@code max_locks_per_transaction}), and one for each would be slow.
 */
final class ScriptRunner {
    private static final int STATEMENTS_PER_TRANSACTION = 100;

    private static final String SETTINGS = """
        SELECT set_config('search_path', '', true),
               set_config('check_function_bodies', 'off', true),
               set_config('default_tablespace', '', true),
               set_config('client_min_messages', 'error', true),
               set_config('statement_timeout', '0', true),
               set_config('TimeZone', 'UTC', true),
               set_config('DateStyle', 'ISO, YMD', true),
               set_config('IntervalStyle', 'postgres', true)
        """;

    /**
     * The body of a function that a generated column calls may count on a search_path: the one that sessions have by
     * themselves.
     */
    private static final String OWN_SEARCH_PATH = """
        SELECT set_config('search_path', reset_val, true) FROM pg_settings WHERE name = 'search_path'
        """;

    /** Something that a name means is not there: relation, function, column, type, schema. */
    private static final Set<String> UNDEFINED = Set.of("42P01", "42883", "42703", "42704", "3F000");

    private ScriptRunner() {}

    static void run(Connection clone, List<String> statements) throws SQLException {
        if (!clone.getAutoCommit()) {
            throw new IllegalArgumentException("clone: in a transaction (expected: a connection in autocommit mode)");
        }
        clone.setAutoCommit(false);
        try (Statement statement = clone.createStatement()) {
            statement.setEscapeProcessing(false);
            for (int from = 0; from < statements.size(); from += STATEMENTS_PER_TRANSACTION) {
                List<String> group =
                        statements.subList(from, Math.min(statements.size(), from + STATEMENTS_PER_TRANSACTION));
                try {
                    runGroup(statement, group);
                } catch (SQLException e) {
                    clone.rollback();
                    if (!UNDEFINED.contains(e.getSQLState())) {
                        throw e;
                    }
                    runOneByOne(statement, group);
                }
                clone.commit();
            }
        } finally {
            clone.rollback();
            clone.setAutoCommit(true);
        }
    }

    private static void runGroup(Statement statement, List<String> group) throws SQLException {
        statement.execute(SETTINGS);
        for (String sql : group) {
            statement.execute(sql);
        }
    }

    private static void runOneByOne(Statement statement, List<String> group) throws SQLException {
        Connection clone = statement.getConnection();
        statement.execute(SETTINGS);
        for (String sql : group) {
            Savepoint before = clone.setSavepoint();
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                clone.rollback(before);
                if (!UNDEFINED.contains(e.getSQLState())) {
                    throw e;
                }
                statement.execute(OWN_SEARCH_PATH);
                statement.execute(sql);
                statement.execute(SETTINGS);
            }
            clone.releaseSavepoint(before);
        }
    }
}
