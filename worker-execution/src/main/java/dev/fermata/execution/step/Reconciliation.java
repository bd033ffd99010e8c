package dev.fermata.execution.step;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog says about an autocommit statement whose outcome is unknown. CREATE INDEX CONCURRENTLY that was cut off
 * leaves an INVALID index, which is dropped before it is tried again; see PostgreSQL, CREATE INDEX, "Building Indexes
 * Concurrently".
 */
final class Reconciliation {
    private static final String NAME = "((?:\"(?:[^\"]|\"\")+\"|[\\w$]+)(?:\\.(?:\"(?:[^\"]|\"\")+\"|[\\w$]+))?)";
    private static final Pattern CREATE =
            Pattern.compile("(?is)^\\s*CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?"
                    + NAME + "\\s+ON\\s+(?:ONLY\\s+)?" + NAME);
    private static final Pattern DROP =
            Pattern.compile("(?is)^\\s*DROP\\s+INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+EXISTS\\s+)?" + NAME);

    private final Connection connection;
    private final @Nullable String created;
    private final @Nullable String dropped;

    private Reconciliation(Connection connection, @Nullable String created, @Nullable String dropped) {
        this.connection = connection;
        this.created = created;
        this.dropped = dropped;
    }

    static Reconciliation of(Action action, Connection connection) {
        String sql = action.sql().isEmpty() ? "" : action.sql().get(0);
        Matcher create = CREATE.matcher(sql);
        if (create.find()) {
            return new Reconciliation(connection, inSchemaOf(create.group(2), create.group(1)), null);
        }
        Matcher drop = DROP.matcher(sql);
        if (drop.find()) {
            return new Reconciliation(connection, null, drop.group(1));
        }
        return new Reconciliation(connection, null, null);
    }

    /** An index lives in the schema of its table. */
    private static String inSchemaOf(String table, String index) {
        Matcher qualified = Pattern.compile("^(\"(?:[^\"]|\"\")+\"|[\\w$]+)\\.").matcher(table);
        return qualified.find() && !index.contains(".") ? qualified.group(1) + "." + index : index;
    }

    /** Whether the statement has taken effect. */
    boolean happened() throws SQLException {
        if (created != null) {
            return Boolean.TRUE.equals(valid(created));
        }
        if (dropped != null) {
            return valid(dropped) == null;
        }
        return false; // repeating is harmless for whatever else the planner lets run outside a transaction
    }

    /** Removes what a cut-off attempt left behind. */
    void clearLeftovers() throws SQLException {
        if (created != null && Boolean.FALSE.equals(valid(created))) {
            try (Statement drop = connection.createStatement()) {
                drop.execute("SET lock_timeout = 0");
                drop.execute("DROP INDEX CONCURRENTLY IF EXISTS " + created);
            }
        }
    }

    /** Null when there is no such index. */
    private @Nullable Boolean valid(String index) throws SQLException {
        String sql = "SELECT indisvalid AND indisready AND indislive FROM pg_index WHERE indexrelid = to_regclass(?)";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, index);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getBoolean(1) : null;
            }
        }
    }
}
