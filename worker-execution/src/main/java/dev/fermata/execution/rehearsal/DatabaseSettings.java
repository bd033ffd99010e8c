package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What ALTER DATABASE SET and ALTER ROLE ... IN DATABASE SET say for a database. CREATE DATABASE does not copy it, not even from a
 * template, though a {@code search_path} decides what a name means.
 */
final class DatabaseSettings {
    /** Those that any session may set; the others are about logging and replication, and superusers set them. */
    private static final String SETTINGS = """
        SELECT s.setrole <> 0, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)
        FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase CROSS JOIN unnest(s.setconfig) AS c
          LEFT JOIN pg_settings AS known ON known.name = split_part(c, '=', 1)
        WHERE d.datname = ? AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
          AND coalesce(known.context, 'user') = 'user'
        ORDER BY 1, 2
        """;

    private static final String NOT_ALLOWED = "42501";

    private record Setting(boolean ofRole, String name, String value) {}

    private DatabaseSettings() {}

    /**
     * Gives a database the settings of another one.
     *
     * @param admin in autocommit mode
     * @return what it did not get, for people: a superuser's own settings
     */
    static List<String> copy(Connection admin, String from, String to) throws SQLException {
        List<Setting> settings = read(admin, from);
        List<String> refused = new ArrayList<>();
        if (settings.isEmpty()) {
            return refused;
        }
        admin.setAutoCommit(false);
        try {
            for (Setting setting : settings) {
                Savepoint before = admin.setSavepoint();
                try {
                    copy(admin, setting, QualifiedName.quote(to));
                } catch (SQLException e) {
                    if (!NOT_ALLOWED.equals(e.getSQLState())) {
                        throw e;
                    }
                    admin.rollback(before);
                    refused.add(
                            "setting " + setting.name() + " of the target is not set here, as only a superuser may");
                }
            }
            admin.commit();
            return refused;
        } finally {
            admin.rollback();
            admin.setAutoCommit(true);
        }
    }

    private static List<Setting> read(Connection admin, String database) throws SQLException {
        List<Setting> settings = new ArrayList<>();
        try (PreparedStatement select = admin.prepareStatement(SETTINGS)) {
            select.setString(1, database);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    settings.add(new Setting(rows.getBoolean(1), rows.getString(2), rows.getString(3)));
                }
            }
        }
        return settings;
    }

    /** By way of the session, as a list is written otherwise than a single value. */
    private static void copy(Connection admin, Setting setting, String to) throws SQLException {
        try (PreparedStatement set = admin.prepareStatement("SELECT set_config(?, ?, true)")) {
            set.setString(1, setting.name());
            set.setString(2, setting.value());
            set.execute();
        }
        String whose = setting.ofRole() ? "ROLE CURRENT_USER IN DATABASE " + to : "DATABASE " + to;
        try (Statement alter = admin.createStatement()) {
            alter.execute("ALTER " + whose + " SET " + name(setting.name()) + " FROM CURRENT");
        }
    }

    /** Of a custom one both parts are identifiers. */
    private static String name(String name) {
        List<String> parts = new ArrayList<>();
        for (String part : name.split("\\.", -1)) {
            parts.add(QualifiedName.quote(part));
        }
        return String.join(".", parts);
    }
}
