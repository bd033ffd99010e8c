package dev.fermata.postgres.catalog;

import dev.fermata.postgres.targets.ExplainedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@link SchemaScript} at work on one clone. What the clone's role may not make, and nothing needs, is left out: see
 * {@link #missing}. For one thread.
 *
 * <p>Statements run in groups, because one transaction for all would need a lock for every table at once ({@code
 * max_locks_per_transaction}), and one for each would be slow.
 */
public final class SchemaCopy {
    private static final int STATEMENTS_PER_TRANSACTION = 100;
    private static final int NAMED_NEEDS = 3;

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

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private final SchemaScript script;
    private final Connection clone;
    private final Beside beside;
    private final Map<String, Dispensable> dispensable = new HashMap<>();
    private final Map<String, UnfinishedIndex> unfinished = new HashMap<>();
    private final Set<String> skipped = new HashSet<>();
    private final List<Dispensable> missing = new ArrayList<>();

    /** Another session in the clone, by the same role; opened where the script needs one, and closed by it. */
    public interface Beside {
        Connection open() throws SQLException;
    }

    SchemaCopy(SchemaScript script, Connection clone, Beside beside) throws SQLException {
        if (!clone.getAutoCommit()) {
            throw new IllegalArgumentException("clone: in a transaction (expected: a connection in autocommit mode)");
        }
        this.script = script;
        this.clone = clone;
        this.beside = beside;
        script.dispensable().forEach(one -> dispensable.put(one.statement(), one));
        script.unfinishedIndexes().forEach(one -> unfinished.put(one.statement(), one));
    }

    /** What rows can be copied into. Statements are committed in groups, so a failure leaves a part behind. */
    public void beforeData() throws SQLException {
        run(script.beforeData());
    }

    /** What follows the rows, in the same way. */
    public void afterData() throws SQLException {
        run(script.afterData());
    }

    public void sequencePositions() throws SQLException {
        run(script.sequencePositions());
    }

    /** What the clone has not, so far, as its role may not make it. */
    public List<Dispensable> missing() {
        return List.copyOf(missing);
    }

    private void run(List<String> statements) throws SQLException {
        clone.setAutoCommit(false);
        try (Statement statement = clone.createStatement()) {
            statement.setEscapeProcessing(false);
            List<String> group = new ArrayList<>();
            for (String sql : statements) {
                UnfinishedIndex index = unfinished.get(sql);
                if (index == null) {
                    group.add(sql);
                }
                if (index != null || group.size() == STATEMENTS_PER_TRANSACTION) {
                    runGroup(statement, group);
                    group.clear();
                }
                if (index != null) {
                    leave(index);
                }
            }
            runGroup(statement, group);
        } finally {
            clone.rollback();
            clone.setAutoCommit(true);
        }
    }

    private void leave(UnfinishedIndex index) throws SQLException {
        try (Connection other = beside.open()) {
            index.leaveIn(clone, other);
        }
    }

    private void runGroup(Statement statement, List<String> group) throws SQLException {
        try {
            runAtOnce(statement, group);
        } catch (SQLException e) {
            clone.rollback();
            if (!UNDEFINED.contains(e.getSQLState()) && !isDenied(e)) {
                throw e;
            }
            runOneByOne(statement, group);
        }
        clone.commit();
    }

    private void runAtOnce(Statement statement, List<String> group) throws SQLException {
        statement.execute(SETTINGS);
        for (String sql : group) {
            if (!skipped.contains(sql)) {
                statement.execute(sql);
            }
        }
    }

    private void runOneByOne(Statement statement, List<String> group) throws SQLException {
        statement.execute(SETTINGS);
        for (String sql : group) {
            if (skipped.contains(sql)) {
                continue;
            }
            Savepoint before = clone.setSavepoint();
            try {
                statement.execute(sql);
            } catch (SQLException e) {
                clone.rollback(before);
                if (isDenied(e)) {
                    leaveOut(sql, e);
                } else if (UNDEFINED.contains(e.getSQLState())) {
                    statement.execute(OWN_SEARCH_PATH);
                    statement.execute(sql);
                    statement.execute(SETTINGS);
                } else {
                    throw e;
                }
            }
            clone.releaseSavepoint(before);
        }
    }

    private static boolean isDenied(SQLException e) {
        return INSUFFICIENT_PRIVILEGE.equals(e.getSQLState());
    }

    private void leaveOut(String sql, SQLException e) throws SQLException {
        Dispensable thing = dispensable.get(sql);
        if (thing == null) {
            throw e;
        }
        if (!thing.neededBy().isEmpty()) {
            throw new ExplainedException(
                    thing.name() + " may not be made by the role that makes the copy, and " + needs(thing.neededBy())
                            + "; an extension can be allowed to it with 'trusted = true' in the extension's control"
                            + " file, or by the role that the provider of the server has for that",
                    e);
        }
        missing.add(thing);
        skipped.addAll(thing.along());
    }

    private static String needs(List<String> neededBy) {
        int more = neededBy.size() - NAMED_NEEDS;
        return String.join(", ", neededBy.subList(0, Math.min(NAMED_NEEDS, neededBy.size())))
                + (more > 0 ? " and " + more + " more" : "")
                + (neededBy.size() == 1 ? " needs it" : " need it");
    }
}
