package dev.fermata.execution.fault;

import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of an application: it has read all tables, so that whoever builds or drops an index concurrently waits for its end. */
final class OldTransaction implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(OldTransaction.class);

    private final TestDatabase database;
    private final Connection connection;

    private OldTransaction(TestDatabase database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    static OldTransaction begin(TestDatabase database) throws SQLException {
        OldTransaction transaction = new OldTransaction(database, database.connect());
        transaction.readEverything();
        return transaction;
    }

    private void readEverything() throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        String tables = """
            SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
            WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            """;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(tables)) {
            row.next();
            String all = row.getString(1);
            statement.execute("LOCK TABLE " + all + " IN ACCESS SHARE MODE");
        }
    }

    /**
     * Returns when somebody of ours waits for it.
     *
     * @param over that nobody is going to
     * @return false when nobody did
     */
    boolean isWaitedFor(BooleanSupplier over) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> isWaitedFor() || over.getAsBoolean());
        return !over.getAsBoolean();
    }

    private boolean isWaitedFor() throws SQLException {
        return database.ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                        + " application_name LIKE 'fermata/%' AND wait_event_type = 'Lock'")
                .equals("1");
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // It ended with the server.
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("not closed in order");
        }
    }
}
