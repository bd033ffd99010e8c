package dev.fermata.postgres.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

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

    private ScriptRunner() {}

    static void run(Connection clone, List<String> statements) throws SQLException {
        if (!clone.getAutoCommit()) {
            throw new IllegalArgumentException("clone: in a transaction (expected: a connection in autocommit mode)");
        }
        clone.setAutoCommit(false);
        try (Statement statement = clone.createStatement()) {
            statement.setEscapeProcessing(false);
            for (int from = 0; from < statements.size(); from += STATEMENTS_PER_TRANSACTION) {
                statement.execute(SETTINGS);
                for (String sql :
                        statements.subList(from, Math.min(statements.size(), from + STATEMENTS_PER_TRANSACTION))) {
                    statement.execute(sql);
                }
                clone.commit();
            }
        } finally {
            clone.rollback();
            clone.setAutoCommit(true);
        }
    }
}
