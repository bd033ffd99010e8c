package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What all clones have in common that are databases beside the target, on the same server. */
public final class DatabaseClones {
    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String END_OURS = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ? AND pg_has_role(usesysid, 'USAGE')
        """;

    private DatabaseClones() {}

    /** An address that differs in the database alone. */
    static TargetDatabase beside(TargetDatabase origin, String database) {
        return new TargetDatabase(origin.address().in(database));
    }

    /**
     * In the place of whatever has the name; {@code remark} is for people who wonder what it is. The role of {@code origin}
     * owns it, and may make schemas in it.
     *
     * @return in what it is not like the template
     */
    static List<String> create(Connection admin, TargetDatabase origin, String name, String template, String remark)
            throws SQLException {
        createOf(admin, name, QualifiedName.quote(template) + ownedByRole(origin), remark);
        return DatabaseSettings.copy(admin, template, name);
    }

    /**
     * With nothing in it, and the settings and the role of {@code like}.
     *
     * @return which of them it has not got
     */
    static List<String> createEmpty(Connection admin, TargetDatabase like, String name, String options, String remark)
            throws SQLException {
        createOf(admin, name, "template0 " + options + ownedByRole(like), remark);
        return DatabaseSettings.copy(admin, like.address().database(), name);
    }

    private static String ownedByRole(TargetDatabase target) {
        return DatabaseOptions.owner(target.address().role());
    }

    private static void createOf(Connection admin, String name, String template, String remark) throws SQLException {
        remove(admin, name);
        try (Statement statement = admin.createStatement()) {
            statement.execute("CREATE DATABASE " + QualifiedName.quote(name) + " TEMPLATE " + template);
            statement.execute(
                    "COMMENT ON DATABASE " + QualifiedName.quote(name) + " IS '" + remark.replace("'", "''") + "'");
        }
    }

    /** If it is there, whoever is connected to it. */
    public static void remove(Connection admin, String name) throws SQLException {
        String drop = "DROP DATABASE IF EXISTS " + QualifiedName.quote(name);
        try (Statement statement = admin.createStatement()) {
            statement.execute(drop + " WITH (FORCE)");
        } catch (SQLException e) {
            if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            removeFromUnderAVacuum(admin, name, drop);
        }
    }

    /**
     * An autovacuum belongs to no role, so FORCE refuses to end it for anybody but a superuser. Without FORCE the server ends
     * it by itself, and waits for five seconds (PostgreSQL source, CountOtherDBBackends).
     */
    private static void removeFromUnderAVacuum(Connection admin, String name, String drop) throws SQLException {
        try (PreparedStatement end = admin.prepareStatement(END_OURS)) {
            end.setString(1, name);
            end.execute();
        }
        try (Statement statement = admin.createStatement()) {
            statement.execute(drop);
        }
    }

    /** Those of that prefix that we may drop. */
    static List<String> existing(Connection admin, String prefix) throws SQLException {
        String sql = """
            SELECT datname FROM pg_database WHERE starts_with(datname, ?) AND pg_has_role(datdba, 'USAGE') ORDER BY 1
            """;
        List<String> names = new ArrayList<>();
        try (PreparedStatement select = admin.prepareStatement(sql)) {
            select.setString(1, prefix);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    static long size(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT pg_database_size(current_database())");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
