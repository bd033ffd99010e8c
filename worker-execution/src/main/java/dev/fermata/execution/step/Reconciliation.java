package dev.fermata.execution.step;

import dev.fermata.contracts.Failure;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of an autocommit statement whose outcome is unknown, as the connection was lost while it ran. The plan's own
 * queries decide; without them the catalog does, for the statements that are known here. Where neither can tell nothing is
 * guessed: people have to look.
 *
 * <p>What a statement that was cut off left behind is removed, by name, before it runs again.
 */
final class Reconciliation {
    private final Action action;
    private final Scope scope;
    private final Connection connection;
    private final Concurrently statement;

    Reconciliation(Action action, Scope scope, Connection connection) {
        this.action = action;
        this.scope = scope;
        this.connection = connection;
        this.statement = Concurrently.of(action.what());
    }

    /**
     * Whether the statement took effect.
     *
     * @throws StepFailedException when nothing can tell
     */
    boolean happened() throws SQLException, StepFailedException {
        Boolean known = known();
        if (known == null) {
            throw unknown();
        }
        return known;
    }

    private @Nullable Boolean known() throws SQLException {
        if (!action.verify().isEmpty()) {
            Boolean verified = verified();
            // An index can be there and not be valid, whatever a query about its name says.
            if (Boolean.TRUE.equals(verified) && statement instanceof Concurrently.CreateIndex create) {
                return Boolean.TRUE.equals(isValid(create));
            }
            return verified;
        }
        return switch (statement) {
            case Concurrently.CreateIndex create -> Boolean.TRUE.equals(isValid(create));
            case Concurrently.DropIndex drop -> isValid(drop.index()) == null;
            case Concurrently.Detach detach -> !isPartition(detach);
            case Concurrently.Reindex reindex -> false;
            case Concurrently.Repeatable repeatable -> false;
            case Concurrently.Other other -> null;
        };
    }

    /** Null when a query cannot be asked. */
    private @Nullable Boolean verified() throws SQLException {
        for (String sql : action.verify()) {
            try (Statement select = connection.createStatement()) {
                select.setEscapeProcessing(false);
                try (ResultSet row = select.executeQuery(sql)) {
                    if (!row.next() || !row.getBoolean(1)) {
                        return false;
                    }
                }
            } catch (SQLException e) {
                Trouble trouble = Trouble.of(e);
                if (trouble.mayPass() || trouble == Trouble.CANCELLED) {
                    throw e; // that a query is not answered now does not mean that nobody can tell
                }
                return null;
            }
        }
        return true;
    }

    /**
     * Removes what an attempt that was cut off left behind.
     *
     * @return whether that brought the statement to its end, so that it must not run again
     */
    boolean clearLeftovers() throws SQLException {
        switch (statement) {
            case Concurrently.CreateIndex create -> {
                if (Boolean.FALSE.equals(isValid(create))) {
                    execute("DROP INDEX CONCURRENTLY IF EXISTS " + create.index());
                }
            }
            case Concurrently.Reindex reindex -> {
                for (String index : halfBuilt(reindex.name())) {
                    execute("DROP INDEX CONCURRENTLY IF EXISTS " + index);
                }
            }
            case Concurrently.Detach detach -> {
                if (isPending(detach)) {
                    execute("ALTER TABLE " + detach.parent() + " DETACH PARTITION " + detach.partition() + " FINALIZE");
                    return true;
                }
            }
            case Concurrently.DropIndex drop -> {
                if (Boolean.FALSE.equals(isValid(drop.index()))) { // of no use to anybody; its inverse builds it anew
                    execute("DROP INDEX CONCURRENTLY IF EXISTS " + drop.index());
                    return true;
                }
            }
            case Concurrently.Repeatable repeatable -> {}
            case Concurrently.Other other -> {}
        }
        return false;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = 0"); // in nobody's way; the watchdog sees to that
            statement.execute(sql);
        }
    }

    /** Null when there is no such index of that table: one of another is somebody else's. */
    private @Nullable Boolean isValid(Concurrently.CreateIndex create) throws SQLException {
        return ask(
                "SELECT indisvalid AND indisready AND indislive FROM pg_index WHERE indexrelid = to_regclass(?)"
                        + " AND indrelid = to_regclass(?)",
                create.index(),
                create.table());
    }

    /** Null when there is no such index. */
    private @Nullable Boolean isValid(String index) throws SQLException {
        return ask(
                "SELECT indisvalid AND indisready AND indislive FROM pg_index WHERE indexrelid = to_regclass(?)",
                index);
    }

    private boolean isPartition(Concurrently.Detach detach) throws SQLException {
        return Boolean.TRUE.equals(ask(
                "SELECT true FROM pg_inherits WHERE inhparent = to_regclass(?) AND inhrelid = to_regclass(?)",
                detach.parent(),
                detach.partition()));
    }

    private boolean isPending(Concurrently.Detach detach) throws SQLException {
        return Boolean.TRUE.equals(ask(
                "SELECT inhdetachpending FROM pg_inherits WHERE inhparent = to_regclass(?) AND inhrelid ="
                        + " to_regclass(?)",
                detach.parent(),
                detach.partition()));
    }

    /** The first column of the first row; null without a row. */
    private @Nullable Boolean ask(String sql, String... parameters) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                select.setString(i + 1, parameters[i]);
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getBoolean(1) : null;
            }
        }
    }

    /** Indexes as REINDEX CONCURRENTLY names them, on the same table, that are of no use. */
    private List<String> halfBuilt(String name) throws SQLException {
        String sql = """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid =
                coalesce((SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass(?)), to_regclass(?))
            """;
        List<String> names = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, name);
            select.setString(2, name);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    private StepFailedException unknown() {
        String row = "run_id = '" + scope.run() + "' AND revision = " + scope.revision() + " AND " + action.ledgerRow();
        String message = action.name() + ": the connection was lost while it ran, and neither the plan nor the catalog"
                + " can tell whether it took effect. The ledger says STARTED. Look at the target for: "
                + action.what() + " -- if it took effect: UPDATE fermata.ledger SET state = 'DONE', finished = now()"
                + " WHERE " + row + "; if it did not: DELETE FROM fermata.ledger WHERE " + row
                + "; then have the order go on, or: fermata wo rollback "
                + scope.run().order() + " --reason TEXT";
        return new StepFailedException(
                action.step(), action.direction(), Failure.of(StepFailedException.OUTCOME_UNKNOWN, message));
    }
}
