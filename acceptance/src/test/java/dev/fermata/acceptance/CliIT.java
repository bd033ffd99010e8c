package dev.fermata.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.Main;
import dev.fermata.contracts.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as people and pipelines use it, against a running system. */
class CliIT {
    @TempDir
    private static Path folder;

    private static TestSystem system;

    private record Ran(int exit, String out, String err) {}

    @BeforeAll
    static void start() throws Exception {
        system = TestSystem.inProcess(folder, "production", Map.of());
        system.target().execute("CREATE TABLE shelf (id int PRIMARY KEY)");
    }

    @AfterAll
    static void stop() {
        system.close();
    }

    private static Ran fermata(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of(args));
        int exit = Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
        return new Ran(exit, out.toString(), err.toString());
    }

    private static Ran wo(String... args) {
        List<String> all = new ArrayList<>(List.of("wo"));
        all.addAll(List.of(args));
        all.addAll(List.of("--url", system.url(), "--as", "bob@example.org"));
        return fermata(all.toArray(String[]::new));
    }

    private static Path order(String name, String change) throws Exception {
        return Files.writeString(
                folder.resolve(name + ".md"),
                "---\nname: " + name + "\nauthor: ada@example.org\ntargets: [shop]\nsoak: 0s\n---\n```sql change\n"
                        + change + "\n```\n");
    }

    private static String firstWord(String out) {
        return out.lines().findFirst().orElse("").strip();
    }

    private static String digest(String id) throws Exception {
        JsonNode plan = Json.mapper()
                .readTree(system.send("GET", "/v1/work-orders/" + id + "/plan", "")
                        .body());
        return plan.path("digest").asText();
    }

    @Test
    void anOrderIsStartedApprovedByItsDigestAndWaitedFor() throws Exception {
        Ran started = wo(
                "start",
                order("label", "ALTER TABLE shelf ADD COLUMN label text;").toString(),
                "--wait=planned");
        assertThat(started.exit()).as(started.err()).isZero();
        String id = firstWord(started.out());
        assertThat(id).startsWith("wo_");
        assertThat(wo("wait", id, "--timeout", "1s").exit()).as("still pending").isEqualTo(8);
        assertThat(wo("approve", id, "--digest", "sha256:" + "0".repeat(64), "-m", "x")
                        .exit())
                .as("stale digest")
                .isEqualTo(5);
        Ran byAuthor = fermata(
                "wo",
                "approve",
                id,
                "--digest",
                digest(id),
                "-m",
                "x",
                "--url",
                system.url(),
                "--as",
                "ada@example.org");
        assertThat(byAuthor.exit()).as("the author").isEqualTo(4);
        assertThat(byAuthor.err()).startsWith("error: self-approval");
        assertThat(wo("approve", id, "--digest", digest(id), "-m", "fine").exit())
                .isZero();
        assertThat(wo("wait", id, "--timeout", "60s").exit()).isZero();
        Ran shown = wo("show", id);
        assertThat(shown.out()).contains("succeeded", "ALTER TABLE shelf ADD COLUMN label text", "way back", "backup");
        assertThat(wo("tail", id, "--no-follow").out()).contains("approved by bob@example.org");
        assertThat(Json.mapper().readTree(wo("show", id, "-o", "json").out()).toString())
                .contains(id);
    }

    @Test
    void whatTheRehearsalRefusesEndsWithSeven() throws Exception {
        Ran ran = wo(
                "start",
                order("broken", "ALTER TABLE nowhere ADD COLUMN a int;").toString(),
                "--wait");
        assertThat(ran.exit()).isEqualTo(7);
        assertThat(ran.err()).contains("nowhere");
    }

    @Test
    void aRejectedOrderEndsWithSevenAndACancelledOne() throws Exception {
        String id = firstWord(
                wo("start", order("no", "ALTER TABLE shelf ADD COLUMN no int;").toString(), "--wait=planned")
                        .out());
        assertThat(wo("reject", id, "--digest", digest(id), "-m", "not this way")
                        .exit())
                .isZero();
        assertThat(wo("wait", id, "--timeout", "30s").exit()).isEqualTo(7);
        String other = firstWord(wo(
                        "start",
                        order("off", "ALTER TABLE shelf ADD COLUMN off int;").toString(),
                        "--wait=planned")
                .out());
        assertThat(wo("cancel", other, "--reason", "no longer wanted").exit()).isZero();
        assertThat(wo("wait", other, "--timeout", "30s").exit()).isEqualTo(7);
        assertThat(wo("rollback", other, "--reason", "too late").exit()).isEqualTo(5);
    }

    @Test
    void badInputGetsOneClearBlockAndItsExitCode() throws Exception {
        Ran unknown = wo("show", "wo_01M8ACA8EK5QE74JA4EJX5M4CB");
        assertThat(unknown.exit()).isEqualTo(3);
        assertThat(unknown.err()).startsWith("error: not-found");
        assertThat(unknown.out()).isEmpty();
        Path typo = Files.writeString(
                folder.resolve("typo.md"),
                "---\nname: x\nauthor: a\ntarget: [shop]\n---\n```sql change\nSELECT 1\n```\n");
        Ran bad = wo("start", typo.toString());
        assertThat(bad.exit()).isEqualTo(1);
        assertThat(bad.err())
                .contains("typo.md")
                .contains("target")
                .contains("targets")
                .contains("4");
        assertThat(wo("nonsense").exit()).isEqualTo(2);
        Ran nobody = fermata("wo", "list", "--url", "http://127.0.0.1:1");
        assertThat(nobody.exit()).isEqualTo(1);
        assertThat(nobody.err()).startsWith("error: ").contains("next:");
        assertThat(fermata("version").exit()).isZero();
    }

    @Test
    void theSameKeyWithTheSameFileIsTheSameOrder() throws Exception {
        Path file = order("twice", "ALTER TABLE shelf ADD COLUMN twice int;");
        String first = firstWord(
                wo("start", file.toString(), "--idempotency-key", "k1").out());
        assertThat(firstWord(
                        wo("start", file.toString(), "--idempotency-key", "k1").out()))
                .isEqualTo(first);
        assertThat(wo("start", order("thrice", "SELECT 1;").toString(), "--idempotency-key", "k1")
                        .exit())
                .isEqualTo(5);
        wo("cancel", first, "--reason", "done with it");
    }
}
