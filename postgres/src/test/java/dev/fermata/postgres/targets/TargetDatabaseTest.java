package dev.fermata.postgres.targets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetDatabaseTest {
    private static TestDatabase database;

    @BeforeAll
    static void openDatabase() {
        database = RealPostgres.shared().newDatabase();
    }

    @AfterAll
    static void closeDatabase() {
        database.close();
    }

    @Test
    void sessionHasItsLimits() throws SQLException {
        Session session = Session.writer("fermata execution wo-7")
                .withLockTimeout(Duration.ofMillis(1500))
                .withStatementTimeout(Duration.ofMinutes(2))
                .withIdleInTransactionTimeout(Duration.ofSeconds(30));
        try (Connection connection = target().open(session)) {
            assertThat(show(connection, "application_name")).isEqualTo("fermata execution wo-7");
            assertThat(show(connection, "lock_timeout")).isEqualTo("1500ms");
            assertThat(show(connection, "statement_timeout")).isEqualTo("2min");
            assertThat(show(connection, "idle_in_transaction_session_timeout")).isEqualTo("30s");
            assertThat(show(connection, "client_connection_check_interval")).isEqualTo("2s");
            assertThat(show(connection, "tcp_user_timeout")).isIn("20s", "20000");
            assertThat(show(connection, "tcp_keepalives_idle")).isEqualTo("10");
            assertThat(show(connection, "default_transaction_read_only")).isEqualTo("off");
            assertThat(show(connection, "timezone")).isEqualTo("UTC");
            assertThat(show(connection, "search_path")).isEqualTo("\"$user\", public");
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }

    @Test
    void readersCannotWrite() throws SQLException {
        try (Connection connection = target().open(Session.reader("fermata analysis"));
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("create table t ()"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
        }
    }

    @Test
    void ownDdlDoesNotBreakCachedPlans() throws SQLException {
        try (Connection connection = target().open(Session.writer("fermata"));
                Statement statement = connection.createStatement();
                var prepared = connection.prepareStatement("select * from changing")) {
            statement.execute("create table changing (a int)");
            for (int i = 0; i < 10; i++) {
                prepared.executeQuery().close();
            }
            statement.execute("alter table changing add b int");
            prepared.executeQuery().close();
        }
    }

    @Test
    void wrongPasswordIsRefusedWithoutShowingIt() {
        TargetAddress address = target().address().as(database.user(), Password.of("wrong-s3cret"));
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> new TargetDatabase(address).open(Session.reader("fermata")))
                .satisfies(e -> {
                    assertThat(e.trouble()).isEqualTo(Trouble.AUTHENTICATION_REFUSED);
                    assertThat(e).hasMessageStartingWith("connecting to target 'orders' failed: ");
                    assertThat(e.toString() + e.getCause()).doesNotContain("s3cret");
                });
    }

    @Test
    void missingDatabaseIsSaidToBeMissing() {
        TargetAddress there = target().address();
        TargetAddress address = new TargetAddress(
                "orders", there.host(), there.port(), "no_such_database", there.user(), there.password(), "test");
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> new TargetDatabase(address).open(Session.reader("fermata")))
                .satisfies(e -> assertThat(e.trouble()).isEqualTo(Trouble.DATABASE_MISSING))
                .withMessage(
                        "connecting to target 'orders' failed: database \"no_such_database\" does not exist (3D000)");
    }

    @Test
    void noServerIsConnectionLost() throws IOException {
        int freePort;
        try (ServerSocket socket = new ServerSocket(0)) {
            freePort = socket.getLocalPort();
        }
        TargetAddress address =
                new TargetAddress("orders", "127.0.0.1", freePort, "db", "me", Password.none(), "production");
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> new TargetDatabase(address).open(Session.reader("fermata")))
                .satisfies(e -> assertThat(e.trouble()).isEqualTo(Trouble.CONNECTION_LOST))
                .satisfies(e -> assertThat(e.trouble().mayPass()).isTrue());
    }

    @Test
    void passwordIsAskedForAtEachConnection() throws SQLException {
        StringBuilder password = new StringBuilder("not yet");
        TargetDatabase target =
                new TargetDatabase(target().address().as(database.user(), Password.from(password::toString)));
        assertThatThrownBy(() -> target.open(Session.reader("fermata"))).isInstanceOf(TargetException.class);
        password.setLength(0);
        password.append(database.password());
        target.open(Session.reader("fermata")).close();
        assertThat(target.address().toString()).contains("password=***").doesNotContain(database.password());
    }

    @Test
    void onlyAWriterActsAsTheRole() throws SQLException {
        String user = member("WITH INHERIT TRUE, SET TRUE");
        TargetDatabase target = withRole(user, database.user());
        assertThat(whoActs(target, Session.writer("fermata"))).isEqualTo(database.user());
        assertThat(whoActs(target, Session.reader("fermata"))).isEqualTo(user);
        assertThat(whoActs(target, Session.keeper("fermata"))).isEqualTo(user);
        try (Connection connection = target.open(Session.writer("fermata"))) {
            target.act(connection, Session.Rights.USER);
            assertThat(ask(connection, "select current_user")).isEqualTo(user);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"WITH INHERIT TRUE, SET FALSE", "WITH INHERIT FALSE, SET TRUE", ""})
    void whoMayNotActAsTheRoleIsToldSoAndMayStillRead(String options) throws SQLException {
        String user = options.isEmpty() ? database.newUser() : member(options);
        TargetDatabase target = withRole(user, database.user());
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> target.open(Session.writer("fermata")))
                .satisfies(e -> assertThat(e.trouble()).isEqualTo(Trouble.PERMISSION_DENIED))
                .withMessageStartingWith("acting on target 'orders' as role '" + database.user() + "', of which user '"
                        + user + "' must be a member that inherits and may SET ROLE, failed: ")
                .withMessageContaining(
                        options.endsWith("SET TRUE") ? "does not inherit the rights" : "permission denied to set role");
        assertThat(whoActs(target, Session.reader("fermata"))).isEqualTo(user);
    }

    @Test
    void aRoleThatIsNotThereIsForOperators() {
        TargetDatabase target = withRole(database.user(), "nobody's \"role\"");
        assertThatExceptionOfType(TargetException.class)
                .isThrownBy(() -> target.open(Session.writer("fermata")))
                .satisfies(e -> assertThat(TargetFailures.of(e).code()).isEqualTo("permission-denied"))
                .satisfies(e -> assertThat(TargetFailures.of(e).retryable()).isTrue())
                .withMessageContaining("as role 'nobody's \"role\"'")
                .withMessageContaining("does not exist");
    }

    @Test
    void anotherDatabaseHasTheSameRoleAndAnotherUserHasNone() {
        TargetAddress address = target().address().withRole("owner");
        assertThat(address.in("other").role()).isEqualTo("owner");
        assertThat(address.at("elsewhere", 1, "other").role()).isEqualTo("owner");
        assertThat(address.as("guest", Password.none()).role()).isNull();
        assertThatThrownBy(() -> address.withRole(" ")).hasMessage("role of a target: ' ' (expected: some text)");
    }

    private static String member(String options) throws SQLException {
        String user = database.newUser();
        RealPostgres.shared().execute("GRANT " + database.user() + " TO " + user + " " + options);
        return user;
    }

    private static TargetDatabase withRole(String user, String role) {
        return new TargetDatabase(
                target().address().as(user, Password.of(database.password())).withRole(role));
    }

    private static String whoActs(TargetDatabase target, Session session) throws SQLException {
        try (Connection connection = target.open(session)) {
            return ask(connection, "select current_user");
        }
    }

    @Test
    void addressesAreChecked() {
        assertThatThrownBy(() -> new TargetAddress("x", "h", 70_000, "d", "u", Password.none(), "e"))
                .hasMessage("port of target 'x': 70000 (expected: 1 to 65535)");
        assertThatThrownBy(() -> new TargetAddress(" ", "h", 1, "d", "u", Password.none(), "e"))
                .hasMessage("name of a target: ' ' (expected: some text)");
        assertThatThrownBy(() -> Session.reader("x").withLockTimeout(Duration.ofNanos(5)))
                .hasMessage("lockTimeout: PT0.000000005S (expected: zero, or 1 ms to 24 days)");
    }

    private static TargetDatabase target() {
        RealPostgres server = RealPostgres.shared();
        return new TargetDatabase(new TargetAddress(
                "orders",
                server.host(),
                server.port(),
                database.name(),
                database.user(),
                Password.of(database.password()),
                "test"));
    }

    private static String show(Connection connection, String setting) throws SQLException {
        return ask(connection, "show " + setting);
    }

    private static String ask(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
