package dev.fermata.postgres.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaModel;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

/**
 * What runs outside transactions is watched from another session while a third one, which is idle in a transaction,
 * makes it wait.
 */
class EffectsOutsideTransactionTest {
    private static final SqlParser PARSER = new SqlParser(1);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Of the session that runs the statement; the granted and the one it waits for. */
    private static final String LOCKS = """
        select c.relname, l.mode from pg_locks l join pg_class c on c.oid = l.relation
        where l.pid = %d and c.relnamespace = 'public'::regnamespace and l.locktype = 'relation'\
        """;

    private static final String WAITS =
            "select count(*) from pg_stat_activity where pid = %d and state = 'active' and wait_event_type = 'Lock'";

    private record Watched(boolean waited, Map<String, LockMode> locks) {}

    @AfterAll
    static void closeParser() {
        PARSER.close();
    }

    static Stream<Fixture.Case> statements() {
        return Fixture.cases().stream().filter(one -> one.answer() == Fixture.Answer.OUTSIDE);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void itWaitsForThoseItIsSaidToWaitFor(Fixture.Case one) throws SQLException {
        String sql = one.sql();
        for (WaitsFor who : WaitsFor.values()) {
            try (TestDatabase database = RealPostgres.shared().newDatabase()) {
                Fixture.make(database);
                Effects effects = effects(database, sql);
                assertThat(effects.runsInTransaction()).isFalse();
                Watched watched = watch(database, sql, blocker(who, table(effects, database)));
                assertThat(watched.waited())
                        .as("%s waits for %s", sql, who.words())
                        .isEqualTo(isSaid(who, effects) || isLocked(who, effects, table(effects, database)));
                compare(effects, watched.locks());
            }
        }
    }

    static Stream<Arguments> lockRequests() {
        return Stream.of(
                argumentSet("vacuum", "vacuum t", "lock table t in share update exclusive mode", "t"),
                argumentSet("vacuum full", "vacuum full t", "lock table t in access share mode", "t"),
                argumentSet(
                        "second phase of detach",
                        "alter table nt detach partition nt1 concurrently",
                        "lock table nt1 in access share mode",
                        "nt1"),
                argumentSet(
                        "reindex of a partitioned table",
                        "reindex table mt",
                        "lock table mt1 in row exclusive mode",
                        "mt1"));
    }

    @ParameterizedTest
    @MethodSource("lockRequests")
    void theLockThatItWaitsForIsTheOneSaid(String sql, String blocker, String table) throws SQLException {
        try (TestDatabase database = RealPostgres.shared().newDatabase()) {
            Fixture.make(database);
            Effects effects = effects(database, sql);
            assertThat(effects.runsInTransaction()).isFalse();
            Watched watched = watch(database, sql, blocker);
            assertThat(effects.on(new QualifiedName("public", table)))
                    .hasValueSatisfying(said -> assertThat(watched.locks()).containsEntry(table, said.mode()));
            compare(effects, watched.locks());
        }
    }

    private static String table(Effects effects, TestDatabase database) throws SQLException {
        SchemaModel schema = Fixture.schema(database);
        return effects.relations().stream()
                .map(RelationEffect::relation)
                .filter(name -> schema.relation(name).isPresent())
                .findFirst()
                .orElseThrow()
                .name();
    }

    /** Who stands in the way of a lock is waited for in any case. */
    private static boolean isLocked(WaitsFor who, Effects effects, String table) {
        LockMode mode =
                effects.on(new QualifiedName("public", table)).orElseThrow().mode();
        return switch (who) {
            case WRITERS_OF_THE_TABLE -> mode.blocksWrites();
            case USERS_OF_THE_TABLE -> mode.blocksReads();
            case OLDER_SNAPSHOTS -> false;
        };
    }

    /** Who has written to the table has used it. */
    private static boolean isSaid(WaitsFor who, Effects effects) {
        return effects.waitsFor().contains(who)
                || (who == WaitsFor.WRITERS_OF_THE_TABLE && effects.waitsFor().contains(WaitsFor.USERS_OF_THE_TABLE));
    }

    private static String blocker(WaitsFor who, String table) {
        return switch (who) {
            case WRITERS_OF_THE_TABLE -> "lock table " + table + " in row exclusive mode";
            case USERS_OF_THE_TABLE -> "lock table " + table + " in access share mode";
            case OLDER_SNAPSHOTS -> "set transaction isolation level repeatable read; select count(*) from free";
        };
    }

    /** Whether the statement waits for the idle session, and the locks that it holds or asks for meanwhile. */
    private static Watched watch(TestDatabase database, String sql, String blocker) throws SQLException {
        try (Connection idle = database.connectAsSuperuser();
                Connection runs = database.connectAsSuperuser();
                Connection watch = database.connectAsSuperuser();
                Statement statement = runs.createStatement()) {
            idle.setAutoCommit(false);
            try (Statement first = idle.createStatement()) {
                first.execute(blocker);
            }
            long pid = runs.unwrap(PGConnection.class).getBackendPID();
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> execute(statement, sql));
            Awaitility.await()
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> run.isDone() || count(watch, WAITS.formatted(pid)) > 0);
            Watched watched = run.isDone() ? new Watched(false, Map.of()) : new Watched(true, locks(watch, pid));
            idle.rollback();
            run.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            return watched;
        }
    }

    private static void compare(Effects effects, Map<String, LockMode> measured) {
        measured.forEach((relation, mode) -> {
            boolean made = relation.contains("_cc") || relation.equals("z");
            if (!made) {
                assertThat(effects.on(new QualifiedName("public", relation)))
                        .as("%s is locked %s", relation, mode)
                        .hasValueSatisfying(said -> assertThat(said.mode()).isGreaterThanOrEqualTo(mode));
            }
        });
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private static long count(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static Map<String, LockMode> locks(Connection connection, long pid) throws SQLException {
        Map<String, LockMode> locks = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(LOCKS.formatted(pid))) {
            while (rows.next()) {
                locks.merge(rows.getString(1), LockMode.ofPgName(rows.getString(2)), LockMode::strongest);
            }
        }
        return locks;
    }

    private static Effects effects(TestDatabase database, String sql) throws SQLException {
        return EffectsModel.of(PARSER.parseScript(sql).getFirst(), Fixture.serverVersion(), Fixture.schema(database));
    }
}
