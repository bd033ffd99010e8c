package dev.fermata.postgres.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.context.OpenTransaction.Purpose;
import dev.fermata.postgres.lock.LockMode;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.PGReplicationStream;

@Timeout(180)
class ContextReaderTest {
    private static final QualifiedName ORDERS = new QualifiedName("public", "orders");

    private static RealPostgres server;
    private static TestDatabase shop;

    @BeforeAll
    static void start() throws SQLException {
        server = RealPostgres.startOwn(Map.of(
                "max_prepared_transactions", "5",
                "autovacuum_freeze_max_age", "100000",
                "autovacuum_naptime", "1s"));
        shop = server.newDatabase();
        shop.execute("create table orders (id bigint primary key, note text)");
    }

    @AfterAll
    static void stop() {
        shop.close();
        server.close();
    }

    private static TargetContext read() throws SQLException {
        try (Connection connection = shop.connect()) {
            return ContextReader.read(connection);
        }
    }

    private static TargetContext readAsMonitor() throws SQLException {
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("grant pg_read_all_stats to " + shop.user());
            try {
                return read();
            } finally {
                statement.execute("revoke pg_read_all_stats from " + shop.user());
            }
        }
    }

    private static Connection transaction(Connection connection, String sql) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return connection;
    }

    private static OpenTransaction holder(TargetContext context) {
        return context.transactions().stream()
                .filter(one -> one.locks().containsKey(ORDERS))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aTransactionOfOurOwnRoleIsSeenWithItsAgeAndItsLocks() throws SQLException {
        try (Connection open = transaction(shop.connect(), "lock table orders in share mode")) {
            OpenTransaction holder = holder(read());

            assertThat(holder.purpose()).isEqualTo(Purpose.IDLE);
            assertThat(holder.age()).isBetween(Duration.ZERO, Duration.ofMinutes(2));
            assertThat(holder.inTheWayOf(ORDERS, LockMode.ROW_EXCLUSIVE)).contains(LockMode.SHARE);
            assertThat(holder.inTheWayOf(ORDERS, LockMode.ACCESS_SHARE)).isEmpty();
            open.rollback();
        }
        assertThat(read().transactions()).noneMatch(one -> one.locks().containsKey(ORDERS));
    }

    @Test
    void ofAnotherRoleOnlyTheLocksAreSeenAndTheMissingGrantIsNamed() throws SQLException {
        try (Connection open = transaction(shop.connectAsSuperuser(), "select * from orders")) {
            TargetContext blind = read();
            assertThat(holder(blind).purpose()).isEqualTo(Purpose.UNKNOWN);
            assertThat(holder(blind).age()).isNull();
            assertThat(blind.gaps())
                    .extracting(Gap::remedy)
                    .containsExactly("GRANT pg_read_all_stats TO " + shop.user());

            TargetContext monitor = readAsMonitor();
            assertThat(holder(monitor).purpose()).isEqualTo(Purpose.IDLE);
            assertThat(holder(monitor).age()).isNotNull();
            assertThat(monitor.gaps()).isEmpty();
            open.rollback();
        }
    }

    /** A monitoring role, say: what it does is over before anybody has waited. */
    @Test
    void ofAnotherRoleATransactionThatIsOverInAMomentIsNotToldOf() throws Exception {
        AtomicBoolean stopping = new AtomicBoolean();
        AtomicLong transactions = new AtomicLong();
        Thread monitoring = Thread.ofVirtual().start(() -> shortTransactions(stopping, transactions));
        try {
            Awaitility.await().until(() -> transactions.get() > 10);
            for (int i = 0; i < 5; i++) {
                assertThat(read().transactions()).noneMatch(one -> one.locks().containsKey(ORDERS));
            }
        } finally {
            stopping.set(true);
            monitoring.join();
        }
    }

    private static void shortTransactions(AtomicBoolean stopping, AtomicLong transactions) {
        try (Connection connection = shop.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            while (!stopping.get()) {
                statement.execute("begin; lock table orders in share mode; select pg_sleep(0.02); commit");
                transactions.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void ourOwnShortTransactionsAreInNobodysWay() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", shop.user());
        properties.setProperty("password", shop.password());
        properties.setProperty("ApplicationName", "fermata-clone/wo_1");
        try (Connection copying =
                transaction(DriverManager.getConnection(shop.jdbcUrl(), properties), "select count(*) from orders")) {
            assertThat(read().transactions()).noneMatch(one -> one.locks().containsKey(ORDERS));
            copying.rollback();
        }
    }

    @Test
    void aDumpIsKnownByItsName() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", shop.user());
        properties.setProperty("password", shop.password());
        properties.setProperty("ApplicationName", "pg_dump");
        try (Connection dump = transaction(
                DriverManager.getConnection(shop.jdbcUrl(), properties),
                "set transaction isolation level repeatable read; lock table orders in access share mode;"
                        + " select count(*) from orders")) {
            assertThat(holder(read())).satisfies(one -> {
                assertThat(one.purpose()).isEqualTo(Purpose.DUMP);
                assertThat(one.snapshot()).isTrue();
                assertThat(one.who()).endsWith("(pg_dump)");
            });
            dump.rollback();
        }
    }

    @Test
    void aPreparedTransactionHoldsItsLocksWithoutASession() throws SQLException {
        transaction(shop.connect(), "insert into orders values (1); prepare transaction 'pay 7'")
                .close();
        try {
            assertThat(holder(read())).satisfies(one -> {
                assertThat(one.purpose()).isEqualTo(Purpose.PREPARED);
                assertThat(one.who()).isEqualTo("'pay 7'");
                assertThat(one.locks()).containsEntry(ORDERS, LockMode.ROW_EXCLUSIVE);
            });
        } finally {
            shop.execute("rollback prepared 'pay 7'");
        }
    }

    @Test
    void settingsAndSlotsAreRead() throws SQLException {
        try (Connection superuser = shop.connectAsSuperuser();
                Statement statement = superuser.createStatement()) {
            statement.execute("select pg_create_logical_replication_slot('to_lake', 'pgoutput')");
        }
        TargetContext context = read();

        assertThat(context.settings().freezeMaxAge()).isEqualTo(100_000);
        assertThat(context.settings().maintenanceMemory()).isEqualTo(64L << 20);
        assertThat(context.settings().logical()).isTrue();
        assertThat(context.settings().inRecovery()).isFalse();
        assertThat(context.pooled()).isFalse();
        assertThat(context.baseBackup()).isFalse();
        assertThat(context.countingSince()).isBefore(context.at());
        assertThat(context.slots()).singleElement().satisfies(slot -> {
            assertThat(slot.name()).isEqualTo("to_lake");
            assertThat(slot.logical() && slot.sameDatabase()).isTrue();
            assertThat(slot.active()).isFalse();
            assertThat(slot.keptBytes()).isNotNegative();
        });
    }

    @Test
    void aStandbyIsSeenWithHowFarItIsBehind() throws SQLException {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, server.superuser());
        PGProperty.PASSWORD.set(properties, server.password());
        PGProperty.REPLICATION.set(properties, "true");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
        PGProperty.APPLICATION_NAME.set(properties, "standby-1");
        try (Connection connection = DriverManager.getConnection(server.jdbcUrl("postgres"), properties);
                PGReplicationStream stream = connection
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .physical()
                        .withStartPosition(org.postgresql.replication.LogSequenceNumber.valueOf("0/1000000"))
                        .start()) {
            assertThat(stream.isClosed()).isFalse();
            Awaitility.await().untilAsserted(() -> assertThat(readAsMonitor().standbys())
                    .singleElement()
                    .satisfies(standby -> {
                        assertThat(standby.name()).isEqualTo("standby-1");
                        assertThat(standby.synchronous()).isFalse();
                    }));
            assertThat(read().gaps())
                    .extracting(Gap::what)
                    .anyMatch(what -> what.startsWith("how far standbys are behind"));
        }
    }

    @Test
    void aVacuumAgainstWraparoundIsToldFromOthers() throws SQLException {
        shop.execute("create table old (id bigint, filler text) with (autovacuum_enabled = false,"
                + " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)");
        shop.execute("insert into old select i, repeat('x', 700) from generate_series(1, 30000) i");
        shop.execute("create procedure age_it() language plpgsql as 'begin for i in 1..110000 loop perform"
                + " pg_current_xact_id(); commit; end loop; end'");
        shop.execute("call age_it()");
        QualifiedName old = new QualifiedName("public", "old");

        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            TargetContext context = readAsMonitor();
            assertThat(context.frozenAges().get(old)).isGreaterThan(100_000);
            assertThat(vacuumOf(old, context).purpose()).isEqualTo(Purpose.WRAPAROUND_VACUUM);
        });
        assertThat(vacuumOf(old, read()))
                .as("a role that may not look into it")
                .satisfies(vacuum -> assertThat(vacuum.purpose()).isEqualTo(Purpose.WRAPAROUND_VACUUM));
    }

    @Test
    void anOrdinaryAutovacuumIsKnownAsOneToARoleThatMayNotLookIntoIt() throws SQLException {
        // A server of its own: one that fears a wraparound sends its autovacuums there.
        try (RealPostgres calm = RealPostgres.startOwn(Map.of("autovacuum_naptime", "1s"));
                TestDatabase other = calm.newDatabase()) {
            other.execute("create table busy (id bigint, filler text) with (autovacuum_vacuum_cost_delay = 100,"
                    + " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = 10)");
            other.execute("insert into busy select i, repeat('x', 700) from generate_series(1, 30000) i");

            Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
                try (Connection blind = other.connect()) {
                    TargetContext context = ContextReader.read(blind);
                    assertThat(vacuumOf(new QualifiedName("public", "busy"), context)
                                    .purpose())
                            .isEqualTo(Purpose.AUTOVACUUM);
                    assertThat(context.gaps()).as("what is not seen").isEmpty();
                }
            });
        }
    }

    private static OpenTransaction vacuumOf(QualifiedName table, TargetContext context) {
        return context.transactions().stream()
                .filter(one ->
                        one.inTheWayOf(table, LockMode.SHARE_UPDATE_EXCLUSIVE).isPresent())
                .findFirst()
                .orElseThrow(() -> new AssertionError("nobody vacuums " + table));
    }
}
