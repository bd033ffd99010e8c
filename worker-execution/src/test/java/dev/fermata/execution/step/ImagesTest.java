package dev.fermata.execution.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.execution.backup.PackagedPostgres;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept is what was overwritten, whoever writes meanwhile; on servers that return it, and on older ones. */
class ImagesTest {
    private static final String IMAGES = "fermata_attic.images_test";
    private static final List<KeyColumn> KEY = List.of(new KeyColumn("id", "integer"));

    private static Plan plan(String change, String back, List<String> changed) {
        return Workbench.plan(
                Duration.ofSeconds(10),
                3,
                Workbench.batches(
                        change + Batching.RANGE,
                        new Batching("public.items", "items", KEY, 300, IMAGES, changed),
                        new Inverse(
                                List.of(
                                        Unit.batches(
                                                back, new Batching(IMAGES, "kept", List.of(), 300, null, List.of())),
                                        Unit.transaction("DROP TABLE " + IMAGES)),
                                true,
                                null)));
    }

    private static Plan update() {
        return plan(
                "UPDATE items SET amount = amount + 1 WHERE ",
                "UPDATE items AS now SET amount = kept.before_amount FROM " + IMAGES + " AS kept WHERE now.id = kept.id"
                        + " AND now.amount IS NOT DISTINCT FROM kept.after_amount AND " + Batching.RANGE,
                List.of("amount"));
    }

    private static Plan delete() {
        return plan(
                "DELETE FROM items WHERE ",
                "INSERT INTO items SELECT * FROM " + IMAGES + " AS kept WHERE " + Batching.RANGE
                        + " ON CONFLICT DO NOTHING",
                List.of());
    }

    /** Forward while somebody changes row 500, then back. */
    private static void thereAndBack(Plan plan, TargetDatabase target, Connection other) throws Exception {
        execute(
                other,
                "CREATE TABLE items (id int PRIMARY KEY, amount int)",
                "INSERT INTO items SELECT n, 0 FROM generate_series(1, 1000) AS n");
        other.setAutoCommit(false);
        execute(other, "UPDATE items SET amount = 100 WHERE id = 500");
        CompletableFuture<Void> running = run(plan, target, Direction.FORWARD);
        Awaitility.await("our batch waits for row 500")
                .until(() -> ask(other, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
                        .equals("t"));
        other.commit();
        other.setAutoCommit(true);
        running.get();
        assertThat(ask(other, "SELECT count(*) FROM " + IMAGES)).isEqualTo("1000");
    }

    private static CompletableFuture<Void> run(Plan plan, TargetDatabase target, Direction direction) {
        return Workbench.meanwhile(
                () -> Workbench.run(target, plan, direction, Limits.of(plan.settings()), 1, new Heard()));
    }

    private static void updates(TargetDatabase target, Connection other) throws Exception {
        thereAndBack(update(), target, other);
        assertThat(ask(other, "SELECT before_amount || ' ' || after_amount FROM " + IMAGES + " WHERE id = 500"))
                .isEqualTo("100 101");
        execute(other, "UPDATE items SET amount = 7 WHERE id = 7");
        run(update(), target, Direction.BACK).get();
        assertThat(ask(other, "SELECT string_agg(id || ':' || amount, ' ' ORDER BY id) FROM items WHERE amount <> 0"))
                .isEqualTo("7:7 500:100");
        assertThat(ask(other, "SELECT to_regclass('" + IMAGES + "') IS NULL")).isEqualTo("t");
    }

    private static void deletes(TargetDatabase target, Connection other) throws Exception {
        thereAndBack(delete(), target, other);
        assertThat(ask(other, "SELECT count(*) FROM items")).isEqualTo("0");
        execute(other, "INSERT INTO items VALUES (7, 7)");
        run(delete(), target, Direction.BACK).get();
        assertThat(ask(other, "SELECT string_agg(id || ':' || amount, ' ' ORDER BY id) FROM items WHERE amount <> 0"))
                .isEqualTo("7:7 500:100");
        assertThat(ask(other, "SELECT count(*) FROM items")).isEqualTo("1000");
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    @Test
    void anUpdateKeepsWhatItOverwrites() throws Exception {
        try (Workbench bench = new Workbench(RealPostgres.shared());
                Connection other = bench.database.connect()) {
            updates(bench.target, other);
        }
    }

    @Test
    void aDeleteKeepsWhatItDeletes() throws Exception {
        try (Workbench bench = new Workbench(RealPostgres.shared());
                Connection other = bench.database.connect()) {
            deletes(bench.target, other);
        }
    }

    @Test
    void soItIsOnAnOlderServer(@TempDir Path folder) throws Exception {
        Optional<Path> programs = PackagedPostgres.programs();
        assumeTrue(programs.isPresent(), "no PostgreSQL server in /usr/lib/postgresql: not tested");
        try (PackagedPostgres server = PackagedPostgres.start(programs.get(), folder.resolve("server"))) {
            try (Connection other = server.connect()) {
                updates(server.target(), other);
                execute(other, "DROP TABLE items", "DROP SCHEMA fermata CASCADE");
                deletes(server.target(), other);
            }
        }
    }
}
