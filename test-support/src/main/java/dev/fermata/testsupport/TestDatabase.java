package dev.fermata.testsupport;

import dev.fermata.embedded.PostgresAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A database and its owner, both for one test. */
public final class TestDatabase implements AutoCloseable {
    private final PostgresAddress server;
    private final String name;
    private final String user;
    private final String password;
    private final Maintenance maintenance;
    private final List<String> others = new ArrayList<>();

    TestDatabase(PostgresAddress server, Maintenance maintenance, String name, String user, String password) {
        this.server = server;
        this.maintenance = maintenance;
        this.name = name;
        this.user = user;
        this.password = password;
    }

    void create() {
        create("template1");
    }

    /** With all that is in the template, as the owner's. */
    void createFrom(TestDatabase template) throws SQLException {
        create(template.name);
        try (Connection connection = connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            statement.execute("reassign owned by " + template.user + " to " + user);
        }
    }

    private void create(String template) {
        maintenance.run(
                "create role " + user + " login createdb password '" + password + "'",
                // nothing is synced on a server for tests, so files are copied faster than pages are logged
                "create database " + name + " owner " + user + " template " + template + " strategy file_copy");
    }

    /** For others to be made from: nobody owns it any more who could own one of them. */
    void becomeTemplate() {
        maintenance.run("alter database " + name + " owner to " + server.superuser());
    }

    /** Another user with the owner's password, who may create databases as well and has no other right. Goes with the database. */
    public String newUser() {
        String other = user + "_" + (others.size() + 1);
        maintenance.run("create role " + other + " login createdb password '" + password + "'");
        others.add(other);
        return other;
    }

    public String name() {
        return name;
    }

    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    /** The owner: no superuser, but may create databases. */
    public String user() {
        return user;
    }

    public String password() {
        return password;
    }

    /** A connection of the owner. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user, password);
    }

    /** A connection that may do everything, such as {@code create extension pg_stat_statements}. */
    public Connection connectAsSuperuser() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), server.superuser(), server.password());
    }

    /** Runs statements as the owner, each in a transaction of its own. One string may hold several. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text, as the owner; {@code "null"} for null. */
    public String ask(String query) throws SQLException {
        List<String> column = askAll(query);
        if (column.isEmpty()) {
            throw new SQLException("no row (expected: one) from: " + query);
        }
        return column.getFirst();
    }

    /** The first column of all rows as text, as the owner. */
    public List<String> askAll(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return firstColumn(rows);
        }
    }

    /** Drops the database, those its users made, its replication slots and the users, whoever is connected. */
    @Override
    public void close() {
        drop(user);
        others.forEach(this::drop);
    }

    private void drop(String role) {
        for (String database : maintenance.ask(
                "select d.datname from pg_database d join pg_roles r on r.oid = d.datdba where r.rolname = '" + role
                        + "'")) {
            maintenance.run(
                    "select pg_terminate_backend(active_pid) from pg_replication_slots where active_pid is not null "
                            + "and database = '" + database + "'",
                    "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '" + database
                            + "'",
                    "drop database \"" + database + "\" with (force)");
        }
        maintenance.run("drop owned by " + role + " cascade", "drop role " + role);
    }

    private static List<String> firstColumn(ResultSet rows) throws SQLException {
        List<String> column = new ArrayList<>();
        while (rows.next()) {
            column.add(String.valueOf(rows.getString(1)));
        }
        return column;
    }
}
