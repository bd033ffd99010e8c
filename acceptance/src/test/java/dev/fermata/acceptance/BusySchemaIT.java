package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application makes and drops tables of its own all the time, as imports and reports do. */
class BusySchemaIT {
    private static final Duration SOON = Duration.ofMinutes(2);

    /** What it makes for an import and drops again. */
    private static final List<String> IMPORT = List.of(
            "CREATE TABLE staging (id integer PRIMARY KEY, amount integer CHECK (amount > 0), twice integer GENERATED"
                    + " ALWAYS AS (2 * amount) STORED)",
            "INSERT INTO staging SELECT n, n FROM generate_series(1, 100) AS n",
            "CREATE INDEX CONCURRENTLY staging_amount ON staging (amount)",
            "CREATE VIEW totals AS SELECT sum(amount) AS total FROM staging",
            "CREATE FUNCTION biggest() RETURNS integer LANGUAGE sql AS 'SELECT max(amount) FROM staging'",
            "CREATE TEMPORARY TABLE scratch AS SELECT * FROM staging",
            "SELECT pg_sleep(0.3)", // what an import does with them takes its time
            "DROP TABLE scratch",
            "DROP INDEX CONCURRENTLY staging_amount",
            "DROP FUNCTION biggest()",
            "DROP VIEW totals",
            "DROP TABLE staging",
            "SELECT pg_sleep(0.3)");

    private static final List<String> CHANGES = List.of(
            "ALTER TABLE items ADD COLUMN note text; CREATE INDEX items_note ON items (note);",
            "ALTER TABLE items ALTER COLUMN amount TYPE bigint;",
            "UPDATE items SET note = 'n' WHERE id < 1000;");

    @Test
    void ordersEndWellWhateverIsMadeAndDroppedMeanwhile(@TempDir Path folder) throws Exception {
        try (TestSystem system = TestSystem.inProcess(folder, "staging", Map.of())) {
            system.target()
                    .execute(
                            "CREATE TABLE items (id integer PRIMARY KEY, amount integer)",
                            "INSERT INTO items SELECT n, n FROM generate_series(1, 2000) AS n",
                            "ANALYZE items");
            CountDownLatch stop = new CountDownLatch(1);
            FutureTask<Integer> application = new FutureTask<>(() -> makeAndDrop(system, stop));
            Thread.ofVirtual().start(application);
            try {
                for (int i = 0; i < CHANGES.size(); i++) {
                    assertThatItSucceeds(system, i);
                }
            } finally {
                stop.countDown();
            }
            assertThat(application.get()).as("imports meanwhile").isPositive();
        }
    }

    private static void assertThatItSucceeds(TestSystem system, int change) throws InterruptedException {
        String id = system.post(
                "---\nname: busy\nauthor: ada@example.org\ntargets: [shop]\nsoak: 0s\n---\n```sql change\n"
                        + CHANGES.get(change) + "\n```\n",
                "busy-" + change);
        await("the order ends").atMost(SOON).until(() -> TestSystem.AT_REST.contains(system.state(id)));
        assertThat(system.state(id)).as(() -> system.story(id)).isEqualTo("succeeded");
    }

    private static int makeAndDrop(TestSystem system, CountDownLatch stop) throws SQLException {
        int imports = 0;
        try (Connection connection = system.target().connect();
                Statement statement = connection.createStatement()) {
            while (stop.getCount() > 0) {
                for (String sql : IMPORT) {
                    statement.execute(sql);
                }
                imports++;
            }
        }
        return imports;
    }
}
