package dev.fermata.execution.guard;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The queries that a database spends most time on, as {@code pg_stat_statements} counts them (manual, F.32).
 *
 * @param why there are none, or not all; null when there is nothing to say
 */
public record TopQueries(List<Query> queries, @Nullable String why) {
    private static final int MOST = 200;
    /** Longer texts are cut by nobody, but planning them is no fair price. */
    private static final int LONGEST = 20_000;

    public TopQueries {
        queries = List.copyOf(queries);
    }

    /**
     * @param text with parameters in place of values
     * @param calls since the statistics were last reset
     * @param searchPath where the role that ran it looks for names, as a value of the setting; null where it has no setting
     *     of its own
     */
    public record Query(
            String text,
            long calls,
            double meanMillis,
            @Nullable String searchPath) {}

    /** The setting of the role in the database, of the role, of the database, or of all (manual, ALTER ROLE). */
    private static final String SEARCH_PATH = """
        replace((SELECT substr(c, 13) FROM pg_catalog.pg_db_role_setting AS r, unnest(r.setconfig) AS c
                 WHERE c LIKE 'search_path=%' AND r.setrole IN (s.userid, 0) AND r.setdatabase IN (s.dbid, 0)
                 ORDER BY r.setrole <> 0 DESC, r.setdatabase <> 0 DESC LIMIT 1),
          '"$user"', coalesce((SELECT quote_ident(a.rolname) FROM pg_catalog.pg_roles AS a WHERE a.oid = s.userid), '""'))
        """;

    /** Of this database, in the order of the time they took; Fermata's own left out. */
    public static TopQueries read(Connection connection) throws SQLException {
        Optional<String> view = view(connection);
        if (view.isEmpty()) {
            return new TopQueries(
                    List.of(),
                    "the extension pg_stat_statements is not installed in the target (CREATE EXTENSION"
                            + " pg_stat_statements)");
        }
        String sql = "SELECT query, calls, mean_exec_time, " + SEARCH_PATH + " AS path FROM " + view.orElseThrow()
                + " AS s WHERE dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
                + " AND toplevel ORDER BY total_exec_time DESC LIMIT " + MOST;
        List<Query> queries = new ArrayList<>();
        boolean hidden = false;
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                String text = rows.getString("query");
                hidden |= text == null || text.equals("<insufficient privilege>");
                if (text != null && text.length() <= LONGEST && !text.contains("fermata.")) {
                    queries.add(new Query(
                            text, rows.getLong("calls"), rows.getDouble("mean_exec_time"), rows.getString("path")));
                }
            }
        } catch (SQLException e) {
            if ("55000".equals(e.getSQLState())) {
                return new TopQueries(
                        List.of(),
                        "pg_stat_statements is not loaded (shared_preload_libraries, which needs a restart)");
            }
            if ("42703".equals(e.getSQLState())) {
                return new TopQueries(
                        List.of(), "pg_stat_statements is older than 1.9 (ALTER EXTENSION pg_stat_statements UPDATE)");
            }
            if ("42501".equals(e.getSQLState())) {
                return new TopQueries(
                        List.of(),
                        "pg_stat_statements may not be read (GRANT SELECT ON " + view.orElseThrow() + " TO "
                                + role(connection) + ", and USAGE on its schema)");
            }
            throw e;
        }
        return new TopQueries(
                queries,
                hidden
                        ? "queries of other roles are hidden (GRANT pg_read_all_stats TO " + role(connection) + ")"
                        : null);
    }

    private static Optional<String> view(Connection connection) throws SQLException {
        String sql = "SELECT quote_ident(n.nspname) || '.pg_stat_statements' FROM pg_catalog.pg_extension e"
                + " JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    private static String role(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT quote_ident(current_user)");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }
}
