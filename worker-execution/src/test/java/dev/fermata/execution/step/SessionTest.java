package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.ledger.FencedException;
import dev.fermata.execution.ledger.Ledger;
import dev.fermata.execution.ledger.PooledTargetException;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionTest {
    private Workbench bench;

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(RealPostgres.shared(), "CREATE TABLE items (id int PRIMARY KEY, amount int)");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static Plan plan(String sql, String... verify) {
        return Workbench.plan(
                Duration.ofSeconds(1), 3, Workbench.autocommit(sql, Inverse.transaction("DROP TABLE made"), verify));
    }

    @Test
    void aTargetBehindAPoolerIsRefusedAndSaysWhatToDo() throws Exception {
        Plan plan = plan("VACUUM items");
        try (Relay relay =
                new Relay(RealPostgres.shared().host(), RealPostgres.shared().port())) {
            var pooled = bench.target(RealPostgres.shared().host(), relay.port());
            assertThatThrownBy(() ->
                            TargetSession.takeOver(pooled, Workbench.scope(plan, 1), Duration.ofSeconds(5), () -> {}))
                    .isInstanceOf(PooledTargetException.class)
                    .hasMessageContaining("transaction pooler")
                    .hasMessageContaining("targets.shop.host");
        }
        assertThat(bench.database.ask("SELECT to_regnamespace('fermata') IS NULL"))
                .isIn("t", "true");
    }

    @Test
    void theSessionSaysWhichStepOfWhichOrderItIsAt() throws Exception {
        Plan plan = Workbench.plan(
                Duration.ofSeconds(1),
                1,
                Workbench.strong(
                        "public.items",
                        Inverse.nothing(),
                        "CREATE TABLE seen AS SELECT current_setting('application_name') AS name,"
                                + " current_setting('idle_in_transaction_session_timeout') AS idle,"
                                + " current_setting('client_connection_check_interval') AS alive"));
        bench.run(plan, Direction.FORWARD);
        assertThat(bench.database.ask("SELECT name || ' ' || idle || ' ' || alive FROM seen"))
                .isEqualTo("fermata/wo_01M8ACA8EK5QE74JA4EJX5M4CB/1/1 30s 2s");
    }

    @Test
    void noTimeoutOfTheUserEndsASessionThatHasNothingToDoOrATransactionThatIsLong() throws Exception {
        String user = bench.database.user();
        RealPostgres.shared()
                .execute(
                        "ALTER ROLE " + user + " SET idle_session_timeout = '1min'",
                        "ALTER ROLE " + user + " SET transaction_timeout = '2min'");
        try (Connection connection = bench.target.open(Session.writer("test"));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT current_setting('idle_session_timeout') || current_setting('transaction_timeout')")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("00");
        }
    }

    @Test
    void whatAnErrorCutsOffIsNotCommitted() throws Exception {
        try (TargetSession session = TargetSession.takeOver(
                bench.target, Workbench.scope(plan("VACUUM items"), 1), Duration.ofSeconds(5), () -> {})) {
            assertThatThrownBy(() -> session.change(connection -> {
                        connection.createStatement().execute("CREATE TABLE half (id int)");
                        throw new NoClassDefFoundError("out of luck");
                    }))
                    .isInstanceOf(NoClassDefFoundError.class);
        }
        assertThat(bench.database.ask("SELECT to_regclass('half') IS NULL")).isIn("t", "true");
    }

    @Test
    void aUserWhoMayMakeNoSchemaIsToldSoByTheServer() throws Exception {
        RealPostgres.shared()
                .execute("REVOKE CREATE ON DATABASE " + bench.database.name() + " FROM " + bench.database.user());
        assertThatThrownBy(() -> TargetSession.takeOver(
                        bench.target, Workbench.scope(plan("VACUUM items"), 1), Duration.ofSeconds(5), () -> {}))
                .satisfies(e -> assertThat(
                                e instanceof TargetException target ? target.trouble() : Trouble.of((SQLException) e))
                        .isEqualTo(Trouble.PERMISSION_DENIED));
    }

    /** As the server says where another session changes the same row of its catalog. */
    private static Plan unexpected(int times) {
        return Workbench.plan(
                Duration.ofSeconds(1),
                10,
                Workbench.strong(
                        "public.items",
                        Inverse.nothing(),
                        "DO 'begin if nextval(''tries'') <= " + times + " then raise exception ''tuple concurrently"
                                + " updated'' using errcode = ''XX000''; end if; end'",
                        "ALTER TABLE items ADD COLUMN x int"));
    }

    /** Each has seen that there is none, and waits for the first of them. */
    @Test
    void severalWhoFindNoLedgerAtOnceHaveOneAndNoneFails() throws Exception {
        int many = 4;
        CyclicBarrier together = new CyclicBarrier(many);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (Connection first = bench.target.open(Session.writer("first"))) {
            first.setAutoCommit(false);
            Ledger.create(first);
            for (int i = 0; i < many; i++) {
                all.add(Workbench.meanwhile(() -> {
                    try (Connection other =
                            bench.target.open(Session.writer("other").withLockTimeout(Duration.ofMinutes(1)))) {
                        together.await();
                        Ledger.createIfMissing(other);
                    }
                }));
            }
            Awaitility.await("all wait for the first").until(() -> bench.database
                    .ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'other' AND datname ="
                            + " current_database() AND wait_event_type = 'Lock'")
                    .equals(Integer.toString(many)));
            first.commit();
        }
        for (CompletableFuture<Void> each : all) {
            assertThat(each).succeedsWithin(Duration.ofSeconds(30));
        }
    }

    @Test
    void whatTheServerDidNotExpectIsTriedAgain() throws Exception {
        bench.database.execute("CREATE SEQUENCE tries");
        bench.run(unexpected(2), Direction.FORWARD);
        assertThat(bench.heard.lines)
                .containsExactly("started 1 forward", "blocked 1", "blocked 1", "completed 1 forward");
    }

    /** Locks that are not had do not count against it: the ladder begins with a short timeout. */
    @Test
    void whatTheServerDidNotExpectOnceAfterSeveralLocksWereNotHadIsTriedAgain() throws Exception {
        bench.database.execute("CREATE SEQUENCE tries");
        Plan plan = Workbench.plan(
                Duration.ofSeconds(1),
                10,
                Workbench.strong(
                        "public.items",
                        Inverse.nothing(),
                        "DO 'declare n bigint := nextval(''tries''); begin if n <= 4 then raise exception ''no'' using"
                                + " errcode = case when n <= 3 then ''55P03'' else ''XX000'' end; end if; end'"));
        bench.run(plan, Direction.FORWARD);
        assertThat(bench.heard.lines).hasSize(6).last().isEqualTo("completed 1 forward");
    }

    /** However few attempts there are, and for one range of rows as for a whole statement. */
    @Test
    void whatTheServerDoesNotExpectIsToldAsWhatItIs() throws Exception {
        bench.database.execute(
                "CREATE FUNCTION unexpected() RETURNS trigger LANGUAGE plpgsql AS 'begin raise exception ''no'' using"
                        + " errcode = ''XX000''; end'",
                "CREATE TRIGGER unexpected BEFORE UPDATE ON items EXECUTE FUNCTION unexpected()",
                "INSERT INTO items (id, amount) SELECT n, n FROM generate_series(1, 10) AS n");
        for (Plan plan : List.of(
                Workbench.backfill(Duration.ofSeconds(1), 1000),
                Workbench.plan(
                        Duration.ofSeconds(1),
                        1,
                        Workbench.strong("public.items", Inverse.nothing(), "UPDATE items SET amount = amount")))) {
            assertThatThrownBy(() -> bench.run(plan, Direction.FORWARD))
                    .isInstanceOfSatisfying(StepFailedException.class, e -> {
                        assertThat(e.failure().sqlState()).isEqualTo("XX000");
                        assertThat(e.failure().retryable()).isFalse();
                    });
        }
    }

    @Test
    void whatTheServerNeverExpectsIsNotTriedForEver() throws Exception {
        bench.database.execute("CREATE SEQUENCE tries");
        assertThatThrownBy(() -> bench.run(unexpected(100), Direction.FORWARD))
                .isInstanceOfSatisfying(
                        StepFailedException.class,
                        e -> assertThat(e.failure().sqlState()).isEqualTo("XX000"));
        assertThat(bench.database.ask("SELECT last_value FROM tries")).isEqualTo("3");
    }

    @Test
    void anIndexOfThatNameThatSomebodyElseMadeStaysWhenTheChangeIsTakenBack() throws Exception {
        Plan plan = Workbench.plan(
                Duration.ofSeconds(1),
                3,
                Workbench.autocommit(
                        "CREATE INDEX CONCURRENTLY items_amount ON public.items (amount)",
                        Inverse.transaction("DROP INDEX IF EXISTS items_amount")));
        bench.database.execute("CREATE INDEX items_amount ON items (amount)");
        assertThatThrownBy(() -> bench.run(plan, Direction.FORWARD))
                .isInstanceOfSatisfying(
                        StepFailedException.class,
                        e -> assertThat(e.failure().sqlState()).isEqualTo("42P07"));
        bench.run(plan, Direction.BACK);
        assertThat(bench.database.ask("SELECT to_regclass('items_amount') IS NOT NULL"))
                .isIn("t", "true");
    }

    @Test
    void aWorkerThatComesBackLateIsRefusedAndTheSessionOfTheNextIsLeftAlone() throws Exception {
        Plan plan = plan("VACUUM items");
        try (TargetSession next =
                TargetSession.takeOver(bench.target, bench.scope(plan, 2), Duration.ofSeconds(5), () -> {})) {
            assertThatThrownBy(() ->
                            TargetSession.takeOver(bench.target, bench.scope(plan, 1), Duration.ofSeconds(5), () -> {}))
                    .isInstanceOf(FencedException.class);
            assertThat(next.connection().isValid(5)).isTrue();
        }
    }

    /** As if the connection had been lost while the statement ran: the ledger says it was begun, and no more. */
    private void begun(Plan plan) throws Exception {
        try (TargetSession session =
                TargetSession.takeOver(bench.target, Workbench.scope(plan, 1), Duration.ofSeconds(5), () -> {})) {
            session.change(connection -> {
                new Ledger(session.scope()).record(connection, 1, Entry.State.STARTED, null, -1, Duration.ZERO, 0);
            });
        }
    }

    @Test
    void aStatementOfUnknownOutcomeIsForPeopleWithTheCommandsToRun() throws Exception {
        Plan plan = plan("CREATE TABLE made (id int)");
        begun(plan);
        for (Direction direction : Direction.values()) {
            assertThatThrownBy(() -> bench.run(plan, direction))
                    .isInstanceOfSatisfying(StepFailedException.class, e -> {
                        assertThat(e.failure().code()).isEqualTo("outcome-unknown");
                        assertThat(e.failure().retryable()).isFalse();
                        assertThat(e.failure().message())
                                .contains(
                                        "CREATE TABLE made", "UPDATE fermata.ledger SET state = 'DONE'", "DELETE FROM");
                    });
        }
        assertThat(bench.database.ask("SELECT to_regclass('made') IS NULL")).isIn("t", "true");
    }

    @Test
    void aProbeOfThePlanDecidesWhetherItRunsAgain() throws Exception {
        Plan plan = plan("CREATE TABLE made (id int)", "SELECT to_regclass('public.made') IS NOT NULL");
        begun(plan);
        bench.run(plan, Direction.FORWARD);
        assertThat(bench.database.ask("SELECT to_regclass('made') IS NOT NULL")).isIn("t", "true");
        bench.database.execute("UPDATE fermata.ledger SET state = 'STARTED'");
        bench.run(plan, Direction.FORWARD); // would fail if it ran again
        bench.run(plan, Direction.BACK);
        assertThat(bench.database.ask("SELECT to_regclass('made') IS NULL")).isIn("t", "true");
    }

    @Test
    void whatWasBegunButDidNotHappenIsNotTakenBack() throws Exception {
        Plan plan = plan("CREATE TABLE made (id int)", "SELECT to_regclass('public.made') IS NOT NULL");
        begun(plan);
        bench.run(plan, Direction.BACK); // DROP TABLE would fail
        assertThat(bench.database.ask("SELECT state FROM fermata.ledger WHERE step = 1"))
                .isEqualTo("UNDONE");
    }

    @Test
    void aStepThatIsHalfTakenBackIsTakenBackToItsEndBeforeItGoesForwardAgain() throws Exception {
        Plan plan = Workbench.plan(
                Duration.ofSeconds(1),
                3,
                Workbench.strong("public.items", Inverse.transaction("DROP TABLE made"), "CREATE TABLE made (id int)"));
        bench.run(plan, Direction.FORWARD);
        bench.database.execute("UPDATE fermata.ledger SET state = 'UNDOING'");
        bench.run(plan, Direction.FORWARD); // CREATE TABLE would fail
        assertThat(bench.heard.lines)
                .containsExactly(
                        "started 1 forward",
                        "completed 1 forward",
                        "started 1 back",
                        "completed 1 back",
                        "started 1 forward",
                        "completed 1 forward");
    }

    @Test
    void aPartitionWhoseDetachWasCutOffIsDetachedToItsEnd() throws Exception {
        bench.database.execute(
                "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (10)");
        Plan plan = plan("ALTER TABLE public.parts DETACH PARTITION public.part CONCURRENTLY");
        try (var reader = bench.database.connect();
                var detach = bench.database.connect();
                var statement = detach.createStatement()) {
            reader.setAutoCommit(false);
            reader.createStatement().execute("SELECT count(*) FROM parts");
            statement.execute("SET statement_timeout = '300ms'");
            assertThatThrownBy(() -> statement.execute("ALTER TABLE parts DETACH PARTITION part CONCURRENTLY"))
                    .hasMessageContaining("timeout");
            reader.rollback();
        }
        assertThat(bench.database.ask("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'part'::regclass"))
                .isIn("t", "true");
        begun(plan);
        bench.run(plan, Direction.FORWARD);
        assertThat(bench.database.ask("SELECT count(*) FROM pg_inherits WHERE inhrelid = 'part'::regclass"))
                .isEqualTo("0");
    }

    @Test
    void aLongStatementTellsHowFarItIs() throws Exception {
        bench.database.execute(
                "CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'begin perform pg_sleep(0.002);"
                        + " return $1; end'",
                "INSERT INTO items SELECT n, n FROM generate_series(1, 2000) AS n");
        List<Progress> told = new CopyOnWriteArrayList<>();
        Plan plan = plan("CREATE INDEX CONCURRENTLY items_slow ON public.items (slow(amount))");
        bench.run(plan, Direction.FORWARD, Limits.of(plan.settings()), 1, new Heard() {
            @Override
            public void progressed(int step, Direction direction, Progress progress) {
                told.add(progress);
            }
        });
        assertThat(told).isNotEmpty().allSatisfy(p -> assertThat(p.unit()).contains(": "));
    }
}
