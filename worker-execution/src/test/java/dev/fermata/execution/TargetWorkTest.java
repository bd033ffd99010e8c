package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.Message;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.TargetFailures;
import dev.fermata.runtime.jobs.JobContext;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetWorkTest {
    private static final Scope SCOPE =
            new Scope(RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop"), 1, 1, "sha256:digest");
    private static RealPostgres server;
    private static SampleDatabase database;

    @BeforeAll
    static void start() throws Exception {
        server = RealPostgres.startOwn();
        database = SampleDatabase.create(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static TargetWork work(Duration reconnectFor, Runnable atEachAttempt) {
        return new TargetWork(
                database.target(),
                SCOPE,
                new Owned(atEachAttempt),
                Duration.ofMinutes(1),
                reconnectFor,
                Duration.ofMillis(50));
    }

    @Test
    void aServerThatComesBackAfterManyAttemptsFindsTheWorkGoOn() throws Exception {
        server.stopImmediate();
        AtomicInteger attempts = new AtomicInteger();
        Runnable comesBack = () -> {
            if (attempts.incrementAndGet() == 7) {
                server.startAgain();
            }
        };
        String answer = work(Duration.ofMinutes(5), comesBack).run((session, observer) -> "done");
        assertThat(answer).isEqualTo("done");
        assertThat(attempts).hasValueGreaterThanOrEqualTo(7);
    }

    @Test
    void whoOnlyReadsWaitsForTheServerToo() throws Exception {
        AtomicInteger times = new AtomicInteger();
        String answer = work(Duration.ofMinutes(5), () -> {}).read(Session.reader("test"), connection -> {
            if (times.incrementAndGet() == 1) {
                server.restart();
            }
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery("SELECT 'done'")) {
                row.next();
                return row.getString(1);
            }
        });
        assertThat(answer).isEqualTo("done");
        assertThat(times).hasValue(2);
    }

    /** The first session is had, and the second is not, again and again. */
    @Test
    void aServerThatHasNoConnectionLeftIsWaitedFor() throws Exception {
        Deque<Connection> others = new ArrayDeque<>();
        limitConnections("3");
        try {
            for (int i = 0; i < 2; i++) {
                others.add(database.target().open(Session.reader("another")));
            }
            AtomicInteger attempts = new AtomicInteger();
            String answer = work(Duration.ofMinutes(5), () -> {
                        if (attempts.incrementAndGet() > 8 && !others.isEmpty()) {
                            close(others.remove());
                        }
                    })
                    .run((session, observer) -> "done");
            assertThat(answer).isEqualTo("done");
        } finally {
            others.forEach(TargetWorkTest::close);
            limitConnections("-1");
        }
    }

    private static void limitConnections(String to) throws SQLException {
        try (Connection admin = database.database().connectAsSuperuser();
                Statement alter = admin.createStatement()) {
            alter.execute("ALTER ROLE " + database.target().address().user() + " CONNECTION LIMIT " + to);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aServerThatStaysAwayIsGivenUp() {
        server.stopImmediate();
        try {
            assertThatThrownBy(() -> work(Duration.ofMillis(300), () -> {}).run((session, observer) -> "done"))
                    .isInstanceOf(TargetException.class);
        } finally {
            server.startAgain();
        }
    }

    @Test
    void workThatLosesEachSessionIsNotBegunAgainForEver() {
        AtomicInteger sessions = new AtomicInteger();
        assertThatThrownBy(() -> work(Duration.ofMinutes(5), () -> {}).run((session, observer) -> {
                    sessions.incrementAndGet();
                    try (var statement = session.connection().createStatement()) {
                        return statement.execute("SELECT pg_terminate_backend(pg_backend_pid())");
                    }
                }))
                .isInstanceOf(TargetException.class);
        assertThat(sessions).hasValue(6);
    }

    /** Others change the catalog that we read, or hold for a moment what we need. */
    @ParameterizedTest
    @ValueSource(strings = {"55P03", "40P01", "40001", "55006", "XX000"})
    void whatMayPassIsTriedAgain(String state) throws Exception {
        AtomicInteger times = new AtomicInteger();
        String answer = work(Duration.ofMinutes(5), () -> {}).read(Session.reader("test"), connection -> {
            if (times.incrementAndGet() < 3) {
                throw new SQLException("in the way", state);
            }
            return "done";
        });
        assertThat(answer).isEqualTo("done");
    }

    @Test
    void whatStaysInTheWayIsToldInTheEnd() {
        AtomicInteger times = new AtomicInteger();
        assertThatThrownBy(() -> work(Duration.ofMinutes(5), () -> {}).read(Session.reader("test"), connection -> {
                    times.incrementAndGet();
                    throw new SQLException("in the way", "XX000");
                }))
                .isInstanceOfSatisfying(
                        TargetException.class,
                        e -> assertThat(TargetFailures.of(e).retryable()).isTrue());
        assertThat(times).hasValue(6);
    }

    /** A view cannot be read while its table is being rewritten, by whomever. */
    @Test
    void aLockIsWaitedForLongerThanAnythingElse() throws Exception {
        AtomicInteger times = new AtomicInteger();
        String answer = work(Duration.ofMinutes(5), () -> {}).read(Session.reader("test"), connection -> {
            if (times.incrementAndGet() < 9) {
                throw new SQLException("in the way", "55P03");
            }
            return "done";
        });
        assertThat(answer).isEqualTo("done");
    }

    /** Somebody holds the ledger, so that the target is not taken over. */
    @Test
    void whatKeepsASessionFromBeginningIsToldInTheEndAsWell() throws Exception {
        work(Duration.ofMinutes(5), () -> {}).run((session, observer) -> "the ledger is there");
        try (Connection other = database.database().connectAsSuperuser()) {
            other.setAutoCommit(false);
            other.createStatement().execute("LOCK TABLE fermata.fence IN ACCESS EXCLUSIVE MODE");
            assertThatThrownBy(() -> work(Duration.ofSeconds(2), () -> {}).run((session, observer) -> "done"))
                    .isInstanceOfSatisfying(
                            TargetException.class,
                            e -> assertThat(e.safeMessage().sqlState()).isEqualTo("55P03"));
        }
    }

    @Test
    void whatWillNotPassIsToldAtOnce() {
        AtomicInteger times = new AtomicInteger();
        assertThatThrownBy(() -> work(Duration.ofMinutes(5), () -> {}).read(Session.reader("test"), connection -> {
                    times.incrementAndGet();
                    throw new SQLException("not allowed", "42501");
                }))
                .isInstanceOf(TargetException.class);
        assertThat(times).hasValue(1);
    }

    /** A job that is never lost. */
    private record Owned(Runnable atEachAttempt) implements JobContext {
        @Override
        public void publish(Message message) {}

        @Override
        public void finish(List<? extends Message> lastWords) {}

        @Override
        public void mention(Message message) {}

        @Override
        public void checkOwned() {
            atEachAttempt.run();
        }

        @Override
        public String worker() {
            return "w";
        }
    }
}
