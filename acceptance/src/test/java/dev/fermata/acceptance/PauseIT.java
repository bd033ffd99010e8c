package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.id.Ulid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data change that takes its time is held by an operator and by a probe, goes on slower, and comes to its end. */
class PauseIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int ROWS = 40_000;

    @TempDir
    private static Path folder;

    private static TestSystem system;

    @BeforeAll
    static void start() throws Exception {
        // A probe that fails holds the change for as long as it fails here, and does not take it back.
        system = TestSystem.inProcess(folder, "production", Map.of("supervisor.probe-failures", "1000"));
        system.target()
                .execute(
                        "CREATE TABLE health (well boolean, pause float8)",
                        "INSERT INTO health VALUES (true, 0.01)",
                        "CREATE TABLE stock (id integer PRIMARY KEY, amount integer NOT NULL)",
                        "INSERT INTO stock SELECT n, 0 FROM generate_series(1, " + ROWS + ") AS n",
                        // Slow here for as long as the health says, but not on a clone.
                        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'begin if current_database() = ''"
                                + system.target().name()
                                + "'' then perform pg_sleep((select pause from health)); end if; return new; end'",
                        "CREATE TRIGGER slow BEFORE UPDATE ON stock FOR EACH ROW WHEN (new.id % 10 = 0) EXECUTE"
                                + " FUNCTION slow()",
                        "ANALYZE");
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static int changed() throws Exception {
        return Integer.parseInt(system.target().ask("SELECT count(*) FROM stock WHERE amount = 1"));
    }

    private static void awaitState(String id, String state) {
        await(state).atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isEqualTo(state));
    }

    /** Until the worker has said that it stands still because of that. */
    private static void awaitHeld(String id, String because) {
        await("held: " + because)
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(system.events(id).stream()
                                .filter(e -> e.path("type").asText().equals("StepProgressed"))
                                .map(e -> e.path("data").path("held").asText()))
                        .contains(because));
    }

    private static void awaitReason(String id, String reason) {
        await(reason).atMost(SOON).untilAsserted(() -> assertThat(
                        system.run(id).path("reason").asText())
                .contains(reason));
    }

    private static void awaitMoreThan(int rows) {
        await("more than " + rows + " rows").atMost(SOON).until(() -> changed() > rows);
    }

    private static void assertThatNothingMovesAndNothingIsLocked() throws Exception {
        int rows = changed();
        assertThat(rows).isBetween(1, ROWS - 1);
        assertThat(system.target()
                        .askAll("SELECT l.mode FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid WHERE"
                                + " a.application_name LIKE 'fermata/%' AND l.locktype = 'relation'"))
                .as("locks of the change")
                .isEmpty();
        assertThat(changed()).isEqualTo(rows);
    }

    private static void resume(String id, String... more) {
        String[] words = {"wo", "resume", id, "--reason", "quiet again", "--as", "eve", "--url", system.url()};
        String[] all = Stream.of(words, more).flatMap(Arrays::stream).toArray(String[]::new);
        assertThat(Main.commandLine().execute(all)).isZero();
    }

    @Test
    void itIsPausedHeldByAProbeSlowedDownResumedAndEndsRight() throws Exception {
        String id = system.post("""
            ---
            name: count-up
            author: ada@example.org
            targets: [shop]
            soak: 0s
            probes: [{name: checkout, sql: "SELECT well FROM health"}]
            ---
            ```sql change
            UPDATE stock SET amount = amount + 1;
            ```
            """, Ulid.system().next());
        awaitState(id, "awaiting-approval");
        JsonNode run = system.run(id);
        assertThat(system.approve(id, run.path("digest").asText(), "bob@example.org")
                        .statusCode())
                .isEqualTo(202);
        awaitMoreThan(0);

        assertThat(system.send("POST", "/v1/work-orders/" + id + "/pause", "{\"by\":\"eve\",\"reason\":\"busy\"}")
                        .statusCode())
                .isEqualTo(202);
        awaitHeld(id, "paused by eve: busy");
        assertThat(system.run(id).path("state").asText()).isEqualTo("migrating");
        assertThatNothingMovesAndNothingIsLocked();

        system.target().execute("UPDATE health SET well = false");
        awaitReason(id, "held: the application is not well: probe 'checkout' returned false");
        resume(id, "--speed", "50");
        awaitReason(id, "resumed at 50 % of its speed by eve");
        awaitHeld(id, "the application is not well: probe 'checkout' returned false");
        assertThatNothingMovesAndNothingIsLocked();

        int before = changed();
        system.target().execute("UPDATE health SET well = true");
        awaitMoreThan(before);
        assertThat(system.target().ask("SELECT percent FROM fermata.pace")).isEqualTo("50");
        system.target().execute("UPDATE health SET pause = 0");
        resume(id);
        awaitState(id, "succeeded");
        assertThat(changed()).isEqualTo(ROWS);
    }
}
