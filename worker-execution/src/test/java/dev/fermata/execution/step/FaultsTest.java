package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.ledger.FencedException;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.ContentChecksum;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.Trouble;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of step, forward and back, cut off, taken over and crashed under while a statement of it runs. Everything else
 * that may befall them is in {@code FaultMatrixTest}.
 */
class FaultsTest {
    private static final Duration BUDGET = Duration.ofSeconds(1);
    private static final QualifiedName ITEMS = new QualifiedName("public", "items");
    private static final int ROWS = 400;
    private static final Batching RANGES = new Batching(
            "public.items",
            "items",
            List.of(new KeyColumn("id", "integer")),
            100,
            "fermata_attic.images_test",
            List.of("amount"));
    private static final Batching KEPT =
            new Batching("fermata_attic.images_test", "kept", List.of(), 100, null, List.of());

    private static RealPostgres server;

    private Workbench bench;

    /** Goes on for as long as somebody holds the advisory lock. */
    private static final String WHILE_HELD = """
        DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND granted)
        LOOP PERFORM pg_sleep(0.001); END LOOP; END $$\
        """;

    /** What runs while the fault comes. */
    enum Kind {
        TRANSACTION,
        AUTOCOMMIT,
        DROP,
        BATCHES;

        Step step() {
            return switch (this) {
                case TRANSACTION ->
                    Workbench.strong(
                            "public.items",
                            Inverse.transaction("ALTER TABLE items DROP COLUMN x", WHILE_HELD),
                            "ALTER TABLE items ADD COLUMN x int",
                            WHILE_HELD);
                case AUTOCOMMIT ->
                    Workbench.autocommit(
                            "CREATE INDEX CONCURRENTLY items_amount ON public.items (amount)",
                            new Inverse(
                                    List.of(Unit.autocommit(
                                            "DROP INDEX CONCURRENTLY public.items_amount",
                                            "SELECT to_regclass('public.items_amount') IS NULL")),
                                    true,
                                    null),
                            "SELECT to_regclass('public.items_amount') IS NOT NULL");
                case DROP ->
                    Workbench.autocommit(
                            "DROP INDEX CONCURRENTLY IF EXISTS public.items_old",
                            new Inverse(
                                    List.of(Unit.autocommit(
                                            "CREATE INDEX CONCURRENTLY items_old ON public.items (amount)",
                                            "SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid ="
                                                    + " to_regclass('public.items_old')), false)")),
                                    true,
                                    null),
                            "SELECT to_regclass('public.items_old') IS NULL");
                case BATCHES ->
                    Workbench.batches(
                            "UPDATE public.items SET amount = amount + 1 WHERE " + Batching.RANGE,
                            RANGES,
                            new Inverse(
                                    List.of(
                                            Unit.batches(
                                                    "UPDATE public.items AS now SET amount = kept.before_amount FROM"
                                                        + " fermata_attic.images_test AS kept WHERE now.id = kept.id"
                                                        + " AND now.amount = kept.after_amount AND "
                                                            + Batching.RANGE,
                                                    KEPT),
                                            Unit.transaction("DROP TABLE IF EXISTS fermata_attic.images_test")),
                                    true,
                                    null));
            };
        }

        /** Of a session of ours that is in the middle of it. */
        String middle() {
            return switch (this) {
                case TRANSACTION -> "query LIKE 'DO %'";
                case AUTOCOMMIT, DROP -> "query LIKE '%INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'";
                case BATCHES ->
                    "query LIKE '%UPDATE public.items%' AND EXISTS (SELECT 1 FROM fermata.ledger WHERE state ="
                            + " 'STARTED' AND rows >= 100)";
            };
        }
    }

    enum Fault {
        CUT,
        TAKEOVER,
        RESTART
    }

    @BeforeAll
    static void start() {
        server = RealPostgres.startOwn();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() throws Exception {
        bench = new Workbench(
                server,
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, " + ROWS + ") AS n",
                "CREATE INDEX items_old ON items (amount)",
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'begin perform pg_sleep(0.002); return new;"
                        + " end'",
                "CREATE TRIGGER slow BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slow()");
    }

    @AfterEach
    void close() {
        bench.close();
    }

    static Stream<Arguments> everything() {
        return Stream.of(Kind.values()).flatMap(kind -> Stream.of(Direction.values())
                .flatMap(direction -> Stream.of(Fault.values()).map(fault -> Arguments.of(kind, direction, fault))));
    }

    /** The step is the second of three, so that there is something done before it and to do after it. */
    private static Plan plan(Kind kind) {
        return Workbench.plan(
                BUDGET,
                10,
                Workbench.strong("nothing", Inverse.transaction("DROP TABLE before_it"), "CREATE TABLE before_it ()"),
                kind.step(),
                Workbench.strong("nothing", Inverse.transaction("DROP TABLE after_it"), "CREATE TABLE after_it ()"));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everything")
    void whateverHappensTheStepsTakeEffectOnceAndNothingIsLeftOver(Kind kind, Direction direction, Fault fault)
            throws Exception {
        Plan plan = plan(kind);
        State before = State.of(bench);
        bench.run(plan, Direction.FORWARD);
        State after = State.of(bench);
        bench.run(plan, Direction.BACK);
        before.assertEqualTo(State.of(bench));
        if (direction == Direction.BACK) {
            bench.run(plan, Direction.FORWARD);
        }
        disturbed(plan, kind, direction, fault, direction);
        (direction == Direction.FORWARD ? after : before).assertEqualTo(State.of(bench));
        Awaitility.await("sessions that were closed are gone")
                .untilAsserted(() -> assertThat(leftLocks()).as("locks of ours").isEmpty());
        assertThat(bench.database.askAll("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
                .as("invalid indexes")
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("forward")
    void whatWasCutOffCanBeTakenBack(Kind kind, Fault fault) throws Exception {
        Plan plan = plan(kind);
        State before = State.of(bench);
        bench.run(plan, Direction.FORWARD);
        bench.run(plan, Direction.BACK);
        disturbed(plan, kind, Direction.FORWARD, fault, Direction.BACK);
        before.assertEqualTo(State.of(bench));
        assertThat(bench.database.askAll("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
                .as("invalid indexes")
                .isEmpty();
    }

    static Stream<Arguments> forward() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Fault.CUT, Fault.RESTART).map(fault -> Arguments.of(kind, fault)));
    }

    private void disturbed(Plan plan, Kind kind, Direction direction, Fault fault, Direction then) throws Exception {
        CompletableFuture<Void> running;
        CompletableFuture<Void> next;
        try (Connection old = bench.database.connect()) {
            if (kind == Kind.AUTOCOMMIT || kind == Kind.DROP) {
                old.setAutoCommit(false);
                old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                old.createStatement().execute("SELECT count(*) FROM items");
            } else if (kind == Kind.TRANSACTION) {
                old.createStatement().execute("SELECT pg_advisory_lock(7)");
            }
            running = start(plan, direction, new Heard());
            Awaitility.await().pollInterval(Duration.ofMillis(10)).until(() -> !superuser(
                            "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE"
                                    + " 'fermata/%' AND state = 'active' AND pid <> pg_backend_pid() AND "
                                    + kind.middle())
                    .isEmpty());
            if (fault == Fault.CUT) {
                superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE"
                        + " 'fermata/%'");
            } else if (fault == Fault.RESTART) {
                server.restart();
            }
            // Another worker goes on under the next directive, whatever has become of the first one.
            next = CompletableFuture.runAsync(() -> untilItEnds(plan, then, 2), Workbench.THREADS);
            Awaitility.await().until(running::isDone);
        }
        next.get();
        assertThat(endOf(running)).as("how the first attempt ended").isNotNull();
    }

    private CompletableFuture<Void> start(Plan plan, Direction direction, Heard heard) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        bench.run(plan, direction, Limits.of(plan.settings()), 1, heard);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                Workbench.THREADS);
    }

    private void untilItEnds(Plan plan, Direction direction, long epoch) {
        for (int sessions = 0; sessions < 10; sessions++) {
            try {
                bench.run(plan, direction, Limits.of(plan.settings()), epoch, bench.heard);
                return;
            } catch (SQLException e) {
                assertThat(Trouble.of(e)).isEqualTo(Trouble.CONNECTION_LOST);
            } catch (TargetException e) {
                assertThat(e.trouble()).isEqualTo(Trouble.CONNECTION_LOST);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        throw new AssertionError("ten sessions were lost");
    }

    /** The connection is gone, or somebody later has taken over; null when it came to its end as if nothing had been. */
    private static @Nullable Throwable endOf(CompletableFuture<Void> running) throws InterruptedException {
        try {
            running.get();
            return null;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? null : e.getCause().getCause();
            assertThat(cause).isInstanceOfAny(SQLException.class, TargetException.class, FencedException.class);
            return cause;
        }
    }

    private List<String> leftLocks() throws SQLException {
        return superuser("SELECT l.mode FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE"
                + " a.application_name LIKE 'fermata/%'");
    }

    private List<String> superuser(String sql) throws SQLException {
        List<String> column = new ArrayList<>();
        try (Connection connection = server.connectAsSuperuser(bench.database.name());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                column.add(rows.getString(1));
            }
        }
        return column;
    }

    /** The user's catalog and rows. */
    private record State(CatalogSnapshot catalog, ContentChecksum rows) {
        static State of(Workbench bench) throws SQLException {
            try (Connection connection = bench.target.open(Session.reader("test"))) {
                return new State(CatalogSnapshot.read(connection), ContentChecksum.of(connection, ITEMS));
            }
        }

        void assertEqualTo(State other) {
            assertThat(CatalogDiff.between(catalog, other.catalog).describe()).isEmpty();
            assertThat(other.rows).isEqualTo(rows);
        }
    }
}
