package dev.fermata.postgres.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class UndisturbedTest {
    private static final String VIEW =
            "CREATE TABLE seen (id integer PRIMARY KEY); CREATE VIEW looks AS SELECT id FROM seen";

    /** Reads while the view is being dropped: the server prints a view when it has a lock on its table. */
    private static CatalogSnapshot readWhileTheViewIsDropped(Sql sql, boolean autoCommit) throws SQLException {
        try (Connection reader = sql.database().connectAsSuperuser()) {
            reader.setAutoCommit(autoCommit);
            sql.connection().setAutoCommit(false);
            sql.run("DROP VIEW looks; DROP TABLE seen");
            CompletableFuture<CatalogSnapshot> read = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return CatalogSnapshot.read(reader);
                        } catch (SQLException e) {
                            throw new CompletionException(e);
                        }
                    },
                    task -> Thread.ofVirtual().start(task));
            Awaitility.await("the reader waits for the lock")
                    .until(() -> sql.ask("SELECT count(*) FROM pg_locks WHERE NOT granted AND database ="
                                    + " (SELECT oid FROM pg_database WHERE datname = current_database())")
                            .equals("1"));
            sql.connection().commit();
            return read.join();
        }
    }

    @Test
    void whatIsDroppedWhileItIsReadIsNotInTheCatalogThatIsReadAnew() throws SQLException {
        try (Sql sql = Sql.empty()) {
            sql.run(VIEW);
            CatalogSnapshot read = readWhileTheViewIsDropped(sql, true);
            assertThat(read.definitions().keySet())
                    .noneMatch(identity -> identity.contains("looks") || identity.contains("seen"));
        }
    }

    /** Whoever has begun the transaction has the snapshot, and must begin anew. */
    @Test
    void inATransactionOfTheCallerItFails() throws SQLException {
        try (Sql sql = Sql.empty()) {
            sql.run(VIEW);
            assertThatThrownBy(() -> readWhileTheViewIsDropped(sql, false))
                    .hasCauseInstanceOf(SQLException.class)
                    .satisfies(e -> assertThat(((SQLException) e.getCause()).getSQLState())
                            .isEqualTo("XX000"));
        }
    }

    @Test
    void whatIsDisturbedAgainAndAgainIsGivenUp() {
        AtomicInteger times = new AtomicInteger();
        assertThatThrownBy(() -> Undisturbed.read(
                        () -> {
                            times.incrementAndGet();
                            throw Undisturbed.gone("view public.looks");
                        },
                        Duration.ofMillis(1)))
                .isInstanceOf(SQLException.class)
                .hasMessage("view public.looks is dropped while the catalog is read");
        assertThat(times).hasValue(20);
    }

    @Test
    void whatIsNotADisturbanceIsToldAtOnce() {
        AtomicInteger times = new AtomicInteger();
        assertThatThrownBy(() -> Undisturbed.read(() -> {
                    times.incrementAndGet();
                    throw new SQLException("no", "42501");
                }))
                .isInstanceOf(SQLException.class);
        assertThat(times).hasValue(1);
    }
}
