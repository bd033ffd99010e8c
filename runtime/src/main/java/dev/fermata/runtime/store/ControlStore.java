package dev.fermata.runtime.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.fermata.runtime.config.ControlConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;

/**
 * The control database as one service sees it: a schema of its own, named like the service, with the tables of the bus and
 * its own. Thread-safe; connections are few, so a transaction never spans a wait for anything else.
 */
public final class ControlStore implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final HikariDataSource pool;
    private final String schema;

    private ControlStore(HikariDataSource pool, String schema) {
        this.pool = pool;
        this.schema = schema;
    }

    /** Connects and brings the schema up to date. */
    public static ControlStore open(ControlConfig config, String schema) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("control-" + schema);
        hikari.setJdbcUrl(config.jdbcUrl());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password().reveal());
        hikari.setMaximumPoolSize(config.poolSize());
        hikari.setMinimumIdle(1);
        hikari.setAutoCommit(false);
        hikari.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        hikari.setInitializationFailTimeout(config.startupWait().toMillis());
        // A setting of the session from its start: a SET inside the first transaction would be undone with it.
        hikari.addDataSourceProperty("currentSchema", schema);
        hikari.addDataSourceProperty("ApplicationName", "fermata-control/" + schema);
        hikari.addDataSourceProperty("tcpKeepAlive", "true");
        hikari.addDataSourceProperty("logServerErrorDetail", "false"); // details quote rows, and messages reach logs
        hikari.addDataSourceProperty(
                "options",
                "-c client_connection_check_interval=2s -c lock_timeout=30s"
                        + " -c idle_in_transaction_session_timeout=60s -c TimeZone=UTC");
        HikariDataSource pool = new HikariDataSource(hikari);
        try {
            migrate(pool, schema);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
        return new ControlStore(pool, schema);
    }

    private static void migrate(HikariDataSource pool, String schema) {
        Flyway.configure()
                .dataSource(pool)
                .schemas(schema)
                .defaultSchema(schema)
                .locations("classpath:db/bus", "classpath:db/" + schema)
                .failOnMissingLocations(false)
                .load()
                .migrate();
    }

    public String schema() {
        return schema;
    }

    /** Work inside a transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Runs the work in one READ COMMITTED transaction: committed when it returns, rolled back when it throws. */
    public <T> T inTransaction(Work<T> work) {
        try (Connection connection = connection()) {
            try {
                T result = work.run(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw ControlStoreException.failed(schema, e);
        }
    }

    private Connection connection() {
        try {
            return pool.getConnection();
        } catch (SQLException e) {
            throw ControlStoreException.unreachable(schema, e);
        }
    }

    private static void rollback(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
