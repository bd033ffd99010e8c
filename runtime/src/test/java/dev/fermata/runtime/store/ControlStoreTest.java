package dev.fermata.runtime.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.runtime.config.ControlConfig;
import dev.fermata.runtime.config.Secret;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ControlStoreTest {
    private static final int CONNECTIONS = 4;

    private static String schemaOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_schema()")) {
            row.next();
            return row.getString(1);
        }
    }

    /** The pool opens all of its connections only when all are wanted at once. */
    private static void failOnEveryConnection(ControlStore store) throws Exception {
        CountDownLatch all = new CountDownLatch(CONNECTIONS);
        try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            var failures = new ArrayList<Future<?>>();
            for (int i = 0; i < CONNECTIONS; i++) {
                failures.add(clients.submit(() -> store.inTransaction(connection -> {
                    all.countDown();
                    await(all);
                    throw new SQLException("the first thing that this connection is used for fails");
                })));
            }
            for (Future<?> failure : failures) {
                assertThatThrownBy(failure::get).hasCauseInstanceOf(ControlStoreException.class);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void givenConnectionsWhoseFirstTransactionFailedWhenUsedAgainThenTheyStillSeeTheSchemaOfTheService()
            throws Exception {
        try (TestDatabase database = RealPostgres.shared().newDatabase();
                ControlStore store = ControlStore.open(config(database), "conductor")) {
            failOnEveryConnection(store);

            CountDownLatch all = new CountDownLatch(CONNECTIONS);
            try (ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
                var seen = new ArrayList<Future<String>>();
                for (int i = 0; i < CONNECTIONS; i++) {
                    seen.add(clients.submit(() -> store.inTransaction(connection -> {
                        all.countDown();
                        await(all);
                        return schemaOf(connection);
                    })));
                }
                for (Future<String> one : seen) {
                    assertThat(one.get()).isEqualTo("conductor");
                }
            }
        }
    }

    private static ControlConfig config(TestDatabase database) {
        return new ControlConfig(
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                database.name(),
                database.user(),
                new Secret(database.password()),
                CONNECTIONS,
                Duration.ofSeconds(10));
    }
}
