package dev.fermata.postgres.targets;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * One registered target. Opens sessions on it, directly and unpooled: each is for one job and carries that job's
 * limits.
 *
 * <p>Every session speaks UTC, has the server look every two seconds whether we are still there (so that what a killed
 * worker was running is stopped), finds out within half a minute on both sides when the network between is gone, and has no server-side prepared statements ({@code cached plan must not change result
 * type} after our own DDL). The {@code search_path} is left as the role has it. Thread-safe.
 */
public final class TargetDatabase {
    private static final int CONNECT_TIMEOUT_SECONDS = 10;
    /** The first version with {@code transaction_timeout}. */
    private static final int LIMITS_TRANSACTIONS = 17;

    private static final String CHECK_INTERVAL = "client_connection_check_interval";

    private final TargetAddress address;

    public TargetDatabase(TargetAddress address) {
        this.address = address;
    }

    public TargetAddress address() {
        return address;
    }

    /**
     * A new connection in autocommit mode; the caller closes it. Waits at most about ten seconds for the server.
     *
     * @throws TargetException when there is none to be had
     */
    public Connection open(Session session) {
        Connection connection;
        try {
            connection = connect(session);
        } catch (SQLException e) {
            throw TargetException.of("connecting to target '" + address.name() + "'", e);
        }
        try {
            prepare(connection, session);
            act(connection, session.rights());
            return connection;
        } catch (SQLException e) {
            closeAfter(e, connection);
            throw TargetException.of("setting up a session on target '" + address.name() + "'", e);
        } catch (TargetException e) {
            closeAfter(e, connection);
            throw e;
        }
    }

    /**
     * Lets a session of ours go on with the rights of the user, or of the role. Does nothing where the target names no role.
     *
     * @throws TargetException when the user may not have those of the role
     */
    public void act(Connection connection, Session.Rights rights) {
        String role = address.role();
        if (role == null) {
            return;
        }
        try {
            if (rights == Session.Rights.USER) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET ROLE NONE"); // RESET ROLE would go back to what ALTER ROLE ... SET role says
                }
            } else {
                become(connection, role);
            }
        } catch (SQLException e) {
            Trouble trouble = Trouble.of(e);
            throw TargetException.of(
                    acting(role),
                    // A role that is not there is for operators, as one is that we may not be.
                    trouble == Trouble.UNDEFINED_OBJECT ? Trouble.PERMISSION_DENIED : trouble,
                    e);
        }
    }

    /**
     * Fails where the user may not have the rights of the role, or has those of another one by a setting of its own, which
     * would show later and less clearly: who acts as another may not cancel what the user runs. For a session of the user.
     */
    public void requireRole(Connection connection) {
        if (address.role() == null) {
            requireNoOtherRole(connection);
        }
        act(connection, Session.Rights.ROLE);
        act(connection, Session.Rights.USER);
    }

    private void requireNoOtherRole(Connection connection) {
        String sql = "SELECT current_user, current_user <> session_user";
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(sql)) {
            row.next();
            if (row.getBoolean(2)) {
                String other = row.getString(1);
                throw TargetException.denied(
                        "acting on target '" + address.name() + "' as user '" + address.user() + "'",
                        "a setting makes it act as role '" + other + "'; name that as the role of the target"
                                + " (targets." + address.name() + ".role=" + other + ")");
            }
        } catch (SQLException e) {
            throw TargetException.of("asking who acts on target '" + address.name() + "'", e);
        }
    }

    private String acting(String role) {
        return "acting on target '" + address.name() + "' as role '" + role + "', of which user '" + address.user()
                + "' must be a member that inherits and may SET ROLE,";
    }

    /** A member that does not inherit would be refused much later: what the role makes, the user has to read and remove. */
    private void become(Connection connection, String role) throws SQLException {
        try (PreparedStatement set = connection.prepareStatement(
                "SELECT pg_has_role(session_user, ?, 'USAGE'), set_config('role', ?, false)")) {
            set.setString(1, role);
            set.setString(2, role);
            try (ResultSet row = set.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    throw TargetException.denied(acting(role), "it does not inherit the rights of the role");
                }
            }
        }
    }

    private Connection connect(Session session) throws SQLException {
        Properties properties = new Properties();
        PGProperty.PG_HOST.set(properties, address.host());
        PGProperty.PG_PORT.set(properties, address.port());
        PGProperty.PG_DBNAME.set(properties, address.database());
        PGProperty.USER.set(properties, address.user());
        String password = address.password().reveal();
        if (!password.isEmpty()) {
            PGProperty.PASSWORD.set(properties, password);
        }
        PGProperty.APPLICATION_NAME.set(properties, session.applicationName());
        // Sends the application name in the first packet, and saves a round trip.
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        PGProperty.LOGIN_TIMEOUT.set(properties, CONNECT_TIMEOUT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.SOCKET_FACTORY.set(properties, WatchfulSockets.class.getName());
        PGProperty.PREPARE_THRESHOLD.set(properties, 0);
        Connection connection = new Driver().connect(url(), properties);
        if (connection == null) {
            throw new IllegalStateException("the PostgreSQL driver refused its own URL");
        }
        return connection;
    }

    /** With the database in it: where the URL names none, the driver takes the user's name and ignores the property. */
    private String url() {
        return "jdbc:postgresql://" + address.host() + ":" + address.port() + "/"
                + URLEncoder.encode(address.database(), StandardCharsets.UTF_8);
    }

    private static void prepare(Connection connection, Session session) throws SQLException {
        String sql = """
            SELECT set_config('lock_timeout', ?, false),
                   set_config('statement_timeout', ?, false),
                   set_config('idle_in_transaction_session_timeout', ?, false),
                   set_config('idle_session_timeout', '0', false),
                   set_config('default_transaction_read_only', ?, false),
                   set_config('TimeZone', 'UTC', false),
                   set_config('tcp_keepalives_idle', '10', false),
                   set_config('tcp_keepalives_interval', '5', false),
                   set_config('tcp_keepalives_count', '3', false),
                   set_config('tcp_user_timeout', '20s', false)
            """;
        try (PreparedStatement settings = connection.prepareStatement(sql)) {
            settings.setString(1, session.lockTimeout().toMillis() + "ms");
            settings.setString(2, session.statementTimeout().toMillis() + "ms");
            settings.setString(3, session.idleInTransactionTimeout().toMillis() + "ms");
            settings.setString(4, session.access() == Session.Access.READ_ONLY ? "on" : "off");
            settings.execute();
        }
        letTransactionsLast(connection);
        askForConnectionChecks(connection);
    }

    /** Some of ours last as long as a table takes; statements and locks have limits of their own. */
    private static void letTransactionsLast(Connection connection) throws SQLException {
        if (connection.getMetaData().getDatabaseMajorVersion() >= LIMITS_TRANSACTIONS) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET transaction_timeout = 0");
            }
        }
    }

    /** Servers on some platforms cannot look at the socket; they say so, and go without. */
    private static void askForConnectionChecks(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET " + CHECK_INTERVAL + " = '2s'");
        } catch (SQLException e) {
            if (!"22023".equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    private static void closeAfter(Exception e, Connection connection) {
        try {
            connection.close();
        } catch (SQLException second) {
            e.addSuppressed(second);
        }
    }

    @Override
    public String toString() {
        return "target '" + address.name() + "'";
    }
}
