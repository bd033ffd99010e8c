package dev.fermata.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PreflightReaderTest {
    private static final PreflightLimits STANDARD = PreflightLimits.standard();

    private static TestDatabase database;
    private static String reader;

    @BeforeAll
    static void make() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        reader = "reader_" + database.name();
        RealPostgres.shared().execute("create role " + reader + " login password 'x'");
        // No statistics at all: the planner knows nothing, and nothing here may need it to.
        database.execute("""
            create schema hidden;
            create table hidden.t (a int);
            create table t (a int, b int, c text);
            insert into t values (1, null, 'secret-value'), (null, 2, '12'), (null, 3, null);
            create table parent (a int primary key);
            insert into parent values (1);
            create table big (a int, b int, c text) with (autovacuum_enabled = off);
            insert into big select i, case when i % 10 = 0 then null else i end, i::text from generate_series(1, 300000) i;
            create table parts (a int, b int) partition by range (a);
            create table parts_1 partition of parts for values from (0) to (10);
            insert into parts values (1, null), (2, 2);
            create table guarded (a int, b int);
            insert into guarded values (1, 1), (null, 2), (null, 3);
            create policy visible on guarded using (b = 3);
            alter table guarded enable row level security;
            create table forced (a int);
            insert into forced values (null);
            alter table forced enable row level security, force row level security;
            create view v as select * from t;
            create type pair as (x int, y int);
            create table composites (p pair);
            insert into composites values (null), ((null, null)::pair), ((1, null)::pair);
            """);
    }

    @AfterAll
    static void drop() {
        database.close();
        try {
            RealPostgres.shared().execute("drop role " + reader);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer asReader(String change) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), reader, "x")) {
            return PreflightReader.ask(connection, Trial.questions(database, change), STANDARD)
                    .getFirst();
        }
    }

    private static Answer answer(String change, PreflightLimits limits) throws SQLException {
        return Trial.answers(database, change, limits).getFirst();
    }

    @Test
    void aCountIsSaidInASentence() throws SQLException {
        assertThat(answer("alter table t alter a set not null", STANDARD).text())
                .isEqualTo("2 rows of public.t where a is null");
    }

    @Test
    void aRoleWithoutRightsIsToldTheMissingGrants() throws SQLException {
        assertThat(asReader("alter table hidden.t alter a set not null"))
                .isInstanceOfSatisfying(Answer.NotPermitted.class, answer -> assertThat(answer.remedies())
                        .containsExactly(
                                "GRANT USAGE ON SCHEMA hidden TO " + reader, "GRANT SELECT ON hidden.t TO " + reader));
        assertThat(asReader("alter table t add foreign key (a) references parent")
                        .text())
                .isEqualTo(
                        "rows of public.t whose a is not in public.parent: not counted, the role may not read what the "
                                + "question is about (GRANT SELECT ON public.t TO " + reader
                                + "; GRANT SELECT ON public.parent TO "
                                + reader + ")");
    }

    @Test
    void theRightToTheColumnsThatAreReadIsEnough() throws SQLException {
        database.execute("grant select (a) on t to " + reader);
        try {
            assertThat(Trial.rows(asReader("alter table t alter a set not null")))
                    .isEqualTo(2);
            assertThat(Trial.rows(asReader("alter table t add d int not null"))).isEqualTo(3);
            assertThat(asReader("alter table t alter b set not null")).isInstanceOf(Answer.NotPermitted.class);
            assertThat(asReader("alter table t add check (a > b)")).isInstanceOf(Answer.NotPermitted.class);
            assertThat(asReader("alter table t add check (t is not null)")).isInstanceOf(Answer.NotPermitted.class);
        } finally {
            database.execute("revoke select (a) on t from " + reader);
        }
    }

    @Test
    void aGrantOnAPartitionedTableIsEnoughForItsPartitions() throws SQLException {
        database.execute("grant select on parts to " + reader);
        assertThat(Trial.rows(asReader("alter table parts alter b set not null")))
                .isEqualTo(1);
    }

    @Test
    void rowsThatRowSecurityHidesAreNotCountedAround() throws SQLException {
        database.execute("grant select on guarded to " + reader);
        String change = "alter table guarded alter a set not null";

        assertThat(asReader(change)).isInstanceOfSatisfying(Answer.NotPermitted.class, answer -> {
            assertThat(answer.why())
                    .isEqualTo("row level security of public.guarded hides rows from role " + reader
                            + ", so that a count would be too small");
            assertThat(answer.remedies()).containsExactly("ALTER ROLE " + reader + " BYPASSRLS");
        });
        assertThat(Trial.rows(answer(change, STANDARD)))
                .as("the owner sees all")
                .isEqualTo(2);
        assertThat(answer("alter table forced alter a set not null", STANDARD)).isInstanceOf(Answer.NotPermitted.class);
        RealPostgres.shared().execute("alter role " + reader + " bypassrls");
        try {
            assertThat(Trial.rows(asReader(change))).isEqualTo(2);
        } finally {
            RealPostgres.shared().execute("alter role " + reader + " nobypassrls");
        }
    }

    @Test
    void countingStopsAtItsLimit() throws SQLException {
        String change = "alter table big alter b set not null";

        assertThat(answer(change, STANDARD).text()).isEqualTo("more than 10,000 rows of public.big where b is null");
        assertThat(Trial.rows(answer(change, STANDARD.withAtMost(30_000)))).isEqualTo(30_000);
        assertThat(answer(change, STANDARD.withAtMost(29_999)))
                .isInstanceOfSatisfying(Answer.Counted.class, counted -> {
                    assertThat(counted.exact()).isFalse();
                    assertThat(counted.rows()).isEqualTo(29_999);
                });
    }

    @Test
    void aCountThatTakesTooLongIsGivenUpAndEstimated() throws SQLException {
        // A pattern that is slow on every row, so that no machine gets through all of them in time.
        String change = "alter table big add check (b is not null and repeat(c, 2000) not like '%z%y%')";
        PreflightLimits limits = STANDARD.withPerQuestion(Duration.ofMillis(250))
                .withAtMost(200_000)
                .withSampledPages(2);

        assertThat(answer(change, limits)).isInstanceOfSatisfying(Answer.TimedOut.class, answer -> {
            assertThat(answer.slow()).isEqualTo(Answer.Slow.COUNT);
            assertThat(answer.after()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(10));
            assertThat(answer.about()).isPresent();
            assertThat(answer.text()).contains(": not counted within ").contains("; by a sample about ");
        });
        assertThat(answer(change, limits.withSampledPages(0)))
                .isInstanceOfSatisfying(Answer.TimedOut.class, answer -> assertThat(answer.about())
                        .isEmpty());
    }

    @Test
    void aSampleIsAboutRight() throws SQLException {
        Question.Countable question =
                (Question.Countable) Trial.questions(database, "alter table big alter b set not null")
                        .getFirst();
        String sql = question.counting().sampleSql(10).orElseThrow();

        assertThat(Long.parseLong(database.ask(sql)) * 10).isBetween(15_000L, 60_000L);
        assertThat(((Question.Countable) Trial.questions(database, "alter table big add unique (b)")
                                .getFirst())
                        .counting()
                        .sampleSql(10))
                .as("duplicates of a share say nothing of all")
                .isEmpty();
    }

    @Test
    void aTableThatSomebodyHoldsIsNotWaitedForAndTheNextQuestionIsAsked() throws SQLException {
        List<Question> questions =
                Trial.questions(database, "alter table t alter a set not null; alter table big alter a set not null");
        try (Connection holder = database.connect();
                Connection connection = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table t in access exclusive mode");

            assertThat(PreflightReader.ask(connection, questions, STANDARD.withLockWait(Duration.ofMillis(50))))
                    .extracting(Answer::text)
                    .containsExactly(
                            "rows of public.t where a is null: another session held the table for longer than 50 ms",
                            "0 rows of public.big where a is null");
        }
    }

    @Test
    void whenTheTimeForAllIsUpTheRestIsNotAsked() throws SQLException {
        List<Answer> answers = Trial.answers(
                database,
                "alter table big add unique (c, b, a); alter table t alter a set not null",
                STANDARD.withTotal(Duration.ofMillis(1)));

        assertThat(answers.getLast()).isInstanceOfSatisfying(Answer.TimedOut.class, answer -> assertThat(answer.slow())
                .isEqualTo(Answer.Slow.OTHERS));
    }

    @Test
    void aFailureShowsNoValueOfARow() throws SQLException {
        assertThat(answer("alter table t add check (c::int > 0)", STANDARD))
                .isInstanceOfSatisfying(Answer.Failed.class, failed -> {
                    assertThat(failed.message().sqlState()).isEqualTo("22P02");
                    assertThat(failed.text()).doesNotContain("secret-value");
                });
        assertThat(answer("alter table t add check (nothing > 0)", STANDARD))
                .isInstanceOfSatisfying(
                        Answer.Failed.class,
                        failed -> assertThat(failed.message().sqlState()).isEqualTo("42703"));
    }

    @Test
    void afterAFailureTheConnectionIsAsItWas() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            PreflightReader.ask(
                    connection,
                    Trial.questions(
                            database, "alter table t add check (c::int > 0); alter table t alter a set not null"),
                    STANDARD);

            assertThat(connection.getAutoCommit()).isTrue();
            try (var row = statement.executeQuery("select current_setting('statement_timeout'), "
                    + "current_setting('search_path'), current_setting('transaction_read_only'), "
                    + "count(*) from pg_locks where pid = pg_backend_pid() and relation = 't'::regclass")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo("0");
                assertThat(row.getString(2)).isEqualTo("\"$user\", public");
                assertThat(row.getString(3)).isEqualTo("off");
                assertThat(row.getInt(4)).isZero();
            }
        }
    }

    @Test
    void aConnectionInTheMiddleOfATransactionIsRefused() throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);

            assertThatThrownBy(() -> PreflightReader.ask(connection, List.of(), STANDARD))
                    .hasMessage(
                            "connection: in a transaction (expected: autocommit, as every question has a transaction "
                                    + "of its own)");
        }
    }

    @Test
    void anOverloadOfAnOwnNameOrAnOwnOperatorIsEnoughNotToAsk() throws SQLException {
        try (TestDatabase other = RealPostgres.shared().newDatabase()) {
            other.execute("""
                create table t (a int, c text);
                create schema elsewhere;
                create function elsewhere.loud(int, int) returns boolean language plpgsql immutable
                  as 'begin raise exception ''%'', $1; end';
                """);
            List<Question> questions = Trial.questions(other, """
                alter table t add check (a <=> 5);
                alter table t add check (length(c) > 5);
                alter table t add check (a > 5);
                """);
            // Made after the schema was read, so only the server itself still knows.
            other.execute("""
                create operator public.<=> (function = elsewhere.loud, leftarg = int, rightarg = int);
                create function elsewhere.length(text) returns int language sql immutable as 'select 1';
                """);
            try (Connection connection = other.connect()) {
                assertThat(PreflightReader.ask(connection, questions, STANDARD))
                        .extracting(Answer::text)
                        .containsExactly(
                                "rows of public.t where CHECK (a <=> 5) is false: not counted, "
                                        + Asking.userWritten("operator public.<=>"),
                                "rows of public.t where CHECK (length(c) > 5) is false: not counted, "
                                        + Asking.userWritten("elsewhere.length"),
                                "0 rows of public.t where CHECK (a > 5) is false");
            }
        }
    }

    @Test
    void aCompositeOfNullsIsNoNull() throws SQLException {
        assertThat(Trial.rows(answer("alter table composites alter p set not null", STANDARD)))
                .isEqualTo(1);
    }

    @Test
    void aTableThatHasGoneMeanwhileFailsByName() throws SQLException {
        try (TestDatabase other = RealPostgres.shared().newDatabase()) {
            other.execute("create table gone (a int)");
            List<Question> questions = Trial.questions(other, "alter table gone alter a set not null");
            other.execute("drop table gone");
            try (Connection connection = other.connect()) {
                assertThat(PreflightReader.ask(connection, questions, STANDARD)
                                .getFirst()
                                .text())
                        .isEqualTo("rows of public.gone where a is null: not counted, the query failed: 42P01 relation "
                                + "\"public.gone\" does not exist");
            }
        }
    }

    @Test
    void limitsAreChecked() {
        assertThatThrownBy(() -> STANDARD.withPerQuestion(Duration.ZERO))
                .hasMessage("perQuestion: PT0S (expected: 1 ms to 24 days)");
        assertThatThrownBy(() -> STANDARD.withAtMost(0))
                .hasMessage("atMost: 0 (expected: >= 1, and less than the largest long)");
        assertThatThrownBy(() -> STANDARD.withSampledPages(-1)).hasMessage("sampledPages: -1 (expected: >= 0)");
    }
}
