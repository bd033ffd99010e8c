package dev.fermata.testsupport;

import dev.fermata.embedded.PostgresAddress;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real PostgreSQL 18 with {@code wal_level=logical} and {@code pg_stat_statements} loaded.
 *
 * <p>{@link #shared} is one server for all tests of this JVM, stopped when the JVM ends; take a database of your own
 * from it. Tests that stop the server take one of their own with {@link #startOwn}.
 */
public final class RealPostgres implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Who may stop the server. */
    private enum Holder {
        JVM,
        CALLER
    }

    private static final class Shared {
        private static final RealPostgres POSTGRES = start(Map.of(), Holder.JVM);

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(POSTGRES.server::close, "stop shared PostgreSQL"));
        }
    }

    private final PostgresServer server;
    private final Holder holder;
    private final Maintenance maintenance = new Maintenance(this::address);
    private final Map<List<String>, TestDatabase> templates = new HashMap<>();

    private RealPostgres(PostgresServer server, Holder holder) {
        this.server = server;
        this.holder = holder;
    }

    /** The server of this JVM; the first call starts it, about two seconds. Do not close or stop it. */
    public static RealPostgres shared() {
        return Shared.POSTGRES;
    }

    /** A server of the caller's own, on one port for all its restarts. Close it. */
    public static RealPostgres startOwn() {
        return start(Map.of(), Holder.CALLER);
    }

    /** As {@link #startOwn()}, with server settings such as {@code max_connections}. */
    public static RealPostgres startOwn(Map<String, String> settings) {
        return start(settings, Holder.CALLER);
    }

    private static RealPostgres start(Map<String, String> settings, Holder holder) {
        return new RealPostgres(
                switch (TestBackend.current()) {
                    case EMBEDDED -> PostgresServer.Embedded.start(settings);
                    case DOCKER -> PostgresServer.Container.start(settings);
                },
                holder);
    }

    /**
     * A standby of this server, which streams and replays; close it before this one. Empty where servers are containers.
     *
     * @param slot that is made for it, and keeps the WAL that it has not got
     */
    public Optional<RealPostgres> startStandby(String slot) {
        requireOwn();
        return switch (server) {
            case PostgresServer.Embedded embedded ->
                Optional.of(new RealPostgres(Standby.of(embedded, slot), Holder.CALLER));
            case PostgresServer.Container container -> Optional.empty();
        };
    }

    public String host() {
        return address().host();
    }

    public int port() {
        return address().port();
    }

    public String superuser() {
        return address().superuser();
    }

    public String password() {
        return address().password();
    }

    public String jdbcUrl(String database) {
        return address().jdbcUrl(database);
    }

    private PostgresAddress address() {
        return server.address();
    }

    /**
     * An empty database with an owner of its own, who is no superuser but may create databases. Closing it drops the
     * database, all others that this owner made, and the owner.
     */
    public TestDatabase newDatabase() {
        TestDatabase database = unmade();
        database.create();
        return database;
    }

    /**
     * As {@link #newDatabase()}, with what these statements make, run by the owner, each in a transaction of its own. They run
     * once, and whoever wants the same again gets a copy: rows, statistics and all, but for the server's counters.
     */
    public TestDatabase newDatabase(List<String> statements) throws SQLException {
        TestDatabase database = unmade();
        database.createFrom(template(statements));
        return database;
    }

    private TestDatabase template(List<String> statements) throws SQLException {
        synchronized (templates) {
            TestDatabase template = templates.get(statements);
            if (template == null) {
                template = newDatabase();
                template.execute(statements.toArray(String[]::new));
                template.becomeTemplate();
                templates.put(List.copyOf(statements), template);
            }
            return template;
        }
    }

    private TestDatabase unmade() {
        byte[] random = new byte[6];
        RANDOM.nextBytes(random);
        String name = "test_" + HexFormat.of().formatHex(random);
        return new TestDatabase(address(), maintenance, name, name + "_owner", "secret-" + name);
    }

    /** A connection that may do everything. */
    public Connection connectAsSuperuser(String database) throws SQLException {
        return DriverManager.getConnection(jdbcUrl(database), superuser(), password());
    }

    /** Runs statements as the superuser in the database {@code postgres}, each in a transaction of its own. */
    public void execute(String... statements) throws SQLException {
        maintenance.execute(statements);
    }

    /** Ends the server as a crash would: connections break, nothing is written out. For servers of one's own. */
    public void stopImmediate() {
        requireOwn();
        server.stopImmediate();
    }

    /** Starts the stopped server again on the same data and port. */
    public void startAgain() {
        requireOwn();
        server.startAgain();
    }

    /** A crash and a recovery. */
    public void restart() {
        stopImmediate();
        startAgain();
    }

    /** A restart as an operator makes one: sessions are ended, and everything is written out. */
    public void restartFast() {
        requireOwn();
        server.stopFast();
        server.startAgain();
    }

    /** Stops the server and deletes its data. For servers of one's own. */
    @Override
    public void close() {
        requireOwn();
        server.close();
    }

    private void requireOwn() {
        if (holder == Holder.JVM) {
            throw new IllegalStateException("this PostgreSQL is shared by all tests of the JVM; to stop one, take your "
                    + "own with RealPostgres.startOwn()");
        }
    }
}
