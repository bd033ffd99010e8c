package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.launcher.ServiceName;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every service is killed with SIGKILL at ten random moments while ten orders are under way: each order ends once and well,
 * each step took effect exactly once, and nothing of ours is left on the target.
 */
class KillNineIT {
    private static final int ORDERS = 10;
    private static final int ROWS = 9_000;
    private static final Duration ALL_DONE = Duration.ofMinutes(4);

    @Test
    void everyOrderEndsOnceAndRightHoweverOftenTheServicesAreKilled(@TempDir Path folder) throws Exception {
        long seed = Long.getLong("fermata.test.seed", System.nanoTime());
        System.out.println("killing, seed " + seed + " (pin it with -Dfermata.test.seed)");
        SplittableRandom random = new SplittableRandom(seed);
        try (TestSystem system = TestSystem.inProcesses(folder, "staging", Map.of())) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < ORDERS; i++) {
                table(system, i);
                ids.add(system.post(order(i), "killed-" + i));
                for (ServiceName victim : shuffled(random)) {
                    TimeUnit.MILLISECONDS.sleep(random.nextLong(1_500)); // the random moment, not a wait for something
                    system.process(victim).killAndStartAgain();
                }
            }
            await("all orders end")
                    .atMost(ALL_DONE)
                    .pollInterval(Duration.ofMillis(300))
                    .failFast("an order ended otherwise", () -> assertThatNoneEndedOtherwise(system, ids))
                    .untilAsserted(() -> assertThat(ids).allSatisfy(id -> {
                        assertThat(system.state(id)).isEqualTo("succeeded");
                        assertThatItEndedOnce(system.events(id)); // it lies on another partition: may come later
                    }));
            for (int i = 0; i < ORDERS; i++) {
                assertThatItTookEffectOnce(system, i);
                assertThatItEndedOnce(system.events(ids.get(i)));
            }
            assertThatNothingIsLeft(system);
        }
    }

    /** Nothing else can come after it; and what was said about the order is all there is to find the reason by. */
    private static void assertThatNoneEndedOtherwise(TestSystem system, List<String> ids) {
        assertThat(ids).allSatisfy(id -> {
            String state = system.state(id);
            assertThat(state.equals("succeeded") || !TestSystem.AT_REST.contains(state))
                    .as(() -> system.story(id))
                    .isTrue();
        });
    }

    private static List<ServiceName> shuffled(SplittableRandom random) {
        List<ServiceName> services = new ArrayList<>(List.of(ServiceName.values()));
        Collections.shuffle(services, Random.from(random));
        return services;
    }

    private static void table(TestSystem system, int i) throws SQLException {
        system.target()
                .execute(
                        "CREATE TABLE t" + i + " (id integer PRIMARY KEY, v integer NOT NULL)",
                        "INSERT INTO t" + i + " SELECT n, 0 FROM generate_series(1, " + ROWS + ") AS n",
                        "ANALYZE t" + i);
    }

    private static String order(int i) {
        return """
            ---
            name: change-t%1$d
            author: ada@example.org
            targets: [shop]
            soak: 0s
            ---
            ```sql change
            ALTER TABLE t%1$d ADD COLUMN note text;
            CREATE INDEX t%1$d_v ON t%1$d (v);
            UPDATE t%1$d SET v = v + 1;
            ```
            """.formatted(i);
    }

    private static void assertThatItTookEffectOnce(TestSystem system, int i) throws SQLException {
        assertThat(system.target().ask("SELECT count(*) FILTER (WHERE v = 1) || '/' || count(*) FROM t" + i))
                .as("rows of t%d changed exactly once", i)
                .isEqualTo(ROWS + "/" + ROWS);
        assertThat(system.target()
                        .ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 't" + i
                                + "'::regclass AND attname = 'note'"))
                .isEqualTo("1");
        assertThat(system.target()
                        .ask("SELECT count(*) || ' ' || bool_and(indisvalid) FROM pg_index WHERE indexrelid = 't" + i
                                + "_v'::regclass"))
                .isEqualTo("1 true");
        assertThat(system.target()
                        .ask("SELECT string_agg(step || ':' || state, ' ' ORDER BY step) FROM fermata.ledger"
                                + " WHERE direction = 'forward' AND run_id = (SELECT run_id FROM fermata.ledger l WHERE"
                                + " checkpoint LIKE '%public.t" + i + ".note%' LIMIT 1)"))
                .isEqualTo("1:DONE 2:DONE 3:DONE");
    }

    private static void assertThatItEndedOnce(List<JsonNode> events) {
        assertThat(events.stream().filter(e -> e.path("type").asText().equals("RunEnded")))
                .hasSize(1);
        assertThat(events.stream().filter(e -> e.path("type").asText().equals("WorkOrderEnded")))
                .hasSize(1);
    }

    private static void assertThatNothingIsLeft(TestSystem system) {
        String database = system.target().name();
        await("sessions and databases of ours go away")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    assertThat(system.target()
                                    .ask("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database
                                            + "' AND application_name LIKE 'fermata/%'"))
                            .isEqualTo("0");
                    assertThat(system.target()
                                    .ask("SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                                            + " WHERE d.datname = '"
                                            + database + "' AND l.locktype = 'advisory'"))
                            .isEqualTo("0");
                    assertThat(system.target()
                                    .ask("SELECT count(*) FROM pg_database WHERE datname LIKE 'fermata\\_clone\\_%'"))
                            .isEqualTo("0");
                    assertThat(system.target().ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"))
                            .isEqualTo("0");
                });
    }
}
