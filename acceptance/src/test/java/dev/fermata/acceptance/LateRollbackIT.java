package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.id.Ulid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What succeeded is taken back when people order it: the latest first, and as long as the attic has what it needs. */
class LateRollbackIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static TestSystem system;

    @BeforeAll
    static void start() throws Exception {
        system = TestSystem.inProcess(folder, "staging", Map.of());
        system.target()
                .execute(
                        "CREATE TABLE stock (id integer PRIMARY KEY, amount integer NOT NULL, old text)",
                        "INSERT INTO stock SELECT n, n, 'old ' || n FROM generate_series(1, 500) AS n",
                        "ANALYZE");
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static String succeeded(String name, String change) throws Exception {
        String id = system.post(
                "---\nname: " + name + "\nauthor: ada@example.org\ntargets: [shop]\nsoak: 0s\n---\n```sql change\n"
                        + change + "\n```\n",
                Ulid.system().next());
        await(name).atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isIn("succeeded", "awaiting-approval"));
        if (system.state(id).equals("awaiting-approval")) {
            system.approve(id, system.run(id).path("digest").asText(), "bob@example.org");
        }
        awaitState(id, "succeeded");
        return id;
    }

    private static void awaitState(String id, String state) {
        await(state).atMost(SOON).untilAsserted(() -> assertThat(system.state(id))
                .isEqualTo(state));
    }

    private static void rollBack(String id) {
        int exit = Main.commandLine()
                .execute("wo", "rollback", id, "--reason", "not what we wanted", "--url", system.url());
        assertThat(exit).isZero();
    }

    private static void awaitSummary(String id, String words) {
        await(words).atMost(SOON).untilAsserted(() -> assertThat(
                        system.run(id).path("outcome").path("summary").asText())
                .contains(words));
    }

    private static long ended(String id) throws Exception {
        return system.events(id).stream()
                .map((JsonNode e) -> e.path("type").asText())
                .filter("WorkOrderEnded"::equals)
                .count();
    }

    @Test
    void theLatestChangeIsTakenBackFirstAndNoRowIsLost() throws Exception {
        String first = succeeded("add-note", "ALTER TABLE stock ADD COLUMN note text;");
        String second = succeeded("drop-old", "ALTER TABLE stock DROP COLUMN old;");
        system.target().execute("INSERT INTO stock (id, amount, note) VALUES (501, 1, 'new')");

        rollBack(first);
        awaitSummary(first, "somebody changed table public.stock since");
        assertThat(system.state(first)).isEqualTo("succeeded");

        rollBack(second);
        awaitState(second, "rolled-back");
        assertThat(system.target().ask("SELECT count(old) || ' ' || count(*) FROM stock"))
                .isEqualTo("500 501");
        await("the end is told once more").atMost(SOON).untilAsserted(() -> assertThat(ended(second))
                .isEqualTo(2));

        rollBack(first);
        awaitState(first, "rolled-back");
        assertThat(system.target()
                        .ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'stock'::regclass AND attname ="
                                + " 'note'"))
                .isEqualTo("0");

        succeeded("add-note-again", "ALTER TABLE stock ADD COLUMN note text;");
        String resting = resting("stock");
        String third = succeeded(
                "bring-notes-back", "UPDATE stock SET note = " + resting + " WHERE " + resting + " IS NOT NULL;");
        assertThat(system.target().ask("SELECT string_agg(id || ' ' || note, ', ') FROM stock WHERE note IS NOT NULL"))
                .as("a revert is reverted, with what was written before it")
                .isEqualTo("501 new");
        rollBack(third);
        awaitState(third, "rolled-back");
        assertThat(system.target().ask("SELECT count(note) FROM stock")).isEqualTo("0");
    }

    /** The column of the table that rests in the attic. */
    private static String resting(String table) throws Exception {
        return system.target()
                .ask("SELECT attname FROM pg_attribute WHERE attrelid = '" + table
                        + "'::regclass AND NOT attisdropped AND attname LIKE 'fermata_attic_%'");
    }

    @Test
    void whatTheAtticHasNoMoreIsNotTriedAndStaysAsItIs() throws Exception {
        system.target()
                .execute("CREATE TABLE bin (id integer PRIMARY KEY, gone text)", "INSERT INTO bin VALUES (1, 'x')");
        String id = succeeded("drop-gone", "ALTER TABLE bin DROP COLUMN gone; CREATE INDEX bin_i ON bin (id);");
        String resting = resting("bin");
        system.target().execute("ALTER TABLE bin RENAME TO can");
        rollBack(id);
        awaitSummary(
                id, "somebody changed index public.bin_i, table public.bin since"); // what is elsewhere now is not gone
        system.target().execute("ALTER TABLE can RENAME TO bin", "ALTER TABLE bin DROP COLUMN " + resting);

        rollBack(id);
        awaitSummary(id, "what the way back needs is gone: column public.bin." + resting);
        assertThat(system.state(id)).isEqualTo("succeeded");
        assertThat(system.target().ask("SELECT count(*) FROM pg_class WHERE relname = 'bin_i'"))
                .as("no part of it was taken back")
                .isEqualTo("1");
    }
}
