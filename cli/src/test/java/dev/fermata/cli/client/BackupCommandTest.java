package dev.fermata.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.fermata.cli.Main;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.execution.backup.Backup;
import dev.fermata.execution.backup.BackupConfig;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupCommandTest {
    private static final String OPEN = "wo_01M8ACA8EK5QE74JA4EJX5M4CB";
    private static final String ENDED = "wo_01M8ACA8EK5QE74JA4EJX5M4CC";
    private static final String UNKNOWN = "wo_01M8ACA8EK5QE74JA4EJX5M4CD";
    private static final String BACKUP = OPEN + "/shop/aaaa";

    @TempDir
    private Path folder;

    private TestDatabase shop;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    @BeforeEach
    void open() throws Exception {
        shop = RealPostgres.shared().newDatabase();
        shop.execute(
                "CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL)",
                "INSERT INTO orders (note) SELECT 'note ' || n FROM generate_series(1, 1000) n");
        Path password = Files.writeString(folder.resolve("password"), shop.password());
        Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(folder.resolve("fermata.yaml"), """
            targets:
              shop: {host: %s, port: %d, database: %s, user: %s, password-file: %s, environment: test}
            worker-execution: {backup-directory: %s}
            """.formatted(
                        RealPostgres.shared().host(),
                        RealPostgres.shared().port(),
                        shop.name(),
                        shop.user(),
                        password,
                        folder.resolve("backups")));
        backUp(OPEN, "aaaa");
    }

    private void backUp(String order, String digest) throws Exception {
        TargetDatabase target = new TargetDatabase(new TargetAddress(
                "shop",
                RealPostgres.shared().host(),
                RealPostgres.shared().port(),
                shop.name(),
                shop.user(),
                Password.of(shop.password()),
                "test"));
        new Backup(
                        target,
                        RunId.parse(order + "/shop"),
                        "sha256:" + digest,
                        BackupConfig.in(folder.resolve("backups")),
                        Clock.systemUTC(),
                        () -> {})
                .take(BackupMode.AFFECTED, Set.of(new QualifiedName("public", "orders")));
    }

    @AfterEach
    void close() {
        shop.close();
    }

    private int fermata(String... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        return Main.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(Stream.concat(
                                Stream.of(arguments),
                                Stream.of("-c", folder.resolve("fermata.yaml").toString()))
                        .toArray(String[]::new));
    }

    @Test
    void theListNamesBackupsAsTheOtherCommandsTakeThem() throws IOException {
        assertThat(fermata("backup", "list")).isZero();
        assertThat(out.toString()).contains("BACKUP", BACKUP, "copy", "1,000");
        assertThat(fermata("backup", "list", "-o", "id")).isZero();
        assertThat(out.toString().strip()).isEqualTo(BACKUP);
        assertThat(fermata("backup", "list", "-o", "json")).isZero();
        var json = Json.mapper().readTree(out.toString()).path(0);
        assertThat(json.path("tables").path(0).asText()).isEqualTo("public.orders");
        assertThat(json.path("location").asText())
                .isEqualTo(folder.resolve("backups").resolve(BACKUP).toString());
        assertThat(fermata(
                        "backup", "list", "--directory", folder.resolve("none").toString()))
                .isZero();
        assertThat(err.toString()).contains("no backups in");
    }

    @Test
    void aWholeBackupIsVerifiedAndADamagedOneIsNot() throws IOException {
        assertThat(fermata("backup", "verify", OPEN, "--target", "shop"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("3 files", "1 tables, 1000 rows, all equal");

        Files.writeString(folder.resolve("backups").resolve(BACKUP).resolve("schema.sql"), "-- nothing");
        assertThat(fermata("backup", "verify", OPEN)).isEqualTo(1);
        assertThat(err.toString()).contains("error: backup-damaged", "why: ", "schema.sql is not what was written");
    }

    @Test
    void aBackupIsRestoredBesideWhatIsThereAndNeverOverIt() throws Exception {
        shop.execute("DELETE FROM orders WHERE id > 3");
        String name = shop.name() + "_back";
        assertThat(fermata("backup", "restore", BACKUP, "--target", "shop", "--database", name))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("1 tables, 1000 rows restored into database '" + name + "'");
        assertThat(fermata("backup", "restore", BACKUP, "--target", "shop", "--database", name))
                .isEqualTo(5);
        assertThat(err.toString())
                .contains(
                        "error: already-there database '" + name + "' is there already",
                        "next: fermata backup restore " + BACKUP + " --target shop --database another_name");

        assertThat(fermata("backup", "restore", BACKUP, "--target", "shop", "--schema", "rescue"))
                .isZero();
        assertThat(shop.ask("SELECT count(*) FROM rescue.orders")).isEqualTo("1000");
        assertThat(fermata("backup", "restore", BACKUP, "--target", "shop", "--schema", "public"))
                .isEqualTo(5);
        assertThat(err.toString()).contains("table public.orders is there already");
        assertThat(shop.ask("SELECT count(*) FROM orders")).isEqualTo("3");
    }

    @Test
    void whatIsNotThereOrNotOneIsSaidWithTheNextCommand() throws Exception {
        assertThat(fermata("backup", "verify", "wo_x")).isEqualTo(3);
        assertThat(err.toString()).contains("error: no-backup", "next: fermata backup list");
        backUp(OPEN, "bbbb");
        assertThat(fermata("backup", "verify", OPEN)).isEqualTo(2);
        assertThat(err.toString())
                .contains("error: several-backups", "next: fermata backup verify " + OPEN + "/shop/bbbb");
        assertThat(fermata("backup", "restore", BACKUP, "--target", "shop")).isEqualTo(2);
        assertThat(fermata("backup")).isEqualTo(2);
    }

    @Test
    void oneThatCannotBeReadIsNamedAndTheOthersAreListedVerifiedAndPruned() throws Exception {
        Path damaged = Files.createDirectories(folder.resolve("backups").resolve(ENDED + "/shop/cccc"));
        Files.writeString(damaged.resolve("manifest.json"), "{");
        assertThat(fermata("backup", "list", "-o", "id")).isEqualTo(1);
        assertThat(out.toString().strip()).isEqualTo(BACKUP);
        assertThat(err.toString()).contains("left out: ", ENDED + "/shop/cccc", "is not a manifest");
        assertThat(fermata("backup", "verify", OPEN)).as(err.toString()).isZero();
        assertThat(fermata("backup", "verify", ENDED)).isEqualTo(1);
        assertThat(err.toString()).contains("error: backup-unreadable", "why: ", "is not a manifest");

        HttpServer conductor = conductor(Map.of(OPEN, run("succeeded", Instant.EPOCH)));
        try {
            String url = "http://127.0.0.1:" + conductor.getAddress().getPort();
            assertThat(fermata("backup", "prune", "--url", url)).isZero();
            assertThat(out.toString()).contains("pruned", ENDED + "/shop/cccc", "kept: ", "is not a manifest");
            assertThat(damaged.resolve("manifest.json")).exists();
            assertThat(fermata("backup", "list", "-o", "id")).isEqualTo(1);
            assertThat(out.toString()).isBlank();
        } finally {
            conductor.stop(0);
        }
    }

    @Test
    void onlyBackupsOfRunsThatEndedLongEnoughAgoArePruned() throws Exception {
        backUp(ENDED, "cccc");
        backUp(UNKNOWN, "dddd");
        Instant end = Instant.now().minus(Duration.ofDays(3));
        HttpServer conductor = conductor(Map.of(
                OPEN, run("soaking", Instant.EPOCH),
                ENDED, run("succeeded", end)));
        try {
            String url = "http://127.0.0.1:" + conductor.getAddress().getPort();
            assertThat(fermata("backup", "prune", "--url", url))
                    .as(err.toString())
                    .isZero();
            assertThat(out.toString())
                    .contains("kept: the run is soaking", "kept: the run ended 3d ago", "does not know the order");

            assertThat(fermata("backup", "prune", "--url", url, "--older-than", "2d", "--dry-run"))
                    .isZero();
            assertThat(out.toString()).contains("would be pruned");
            assertThat(fermata("backup", "list", "-o", "id")).isZero();
            assertThat(out.toString().lines()).hasSize(3);

            assertThat(fermata("backup", "prune", "--url", url, "--older-than", "2d"))
                    .isZero();
            assertThat(fermata("backup", "list", "-o", "id")).isZero();
            assertThat(out.toString().lines()).containsExactlyInAnyOrder(BACKUP, UNKNOWN + "/shop/dddd");
        } finally {
            conductor.stop(0);
        }
    }

    private static String run(String state, Instant updated) {
        return "{\"items\": [{\"target\": \"shop\", \"state\": \"" + state + "\", \"updatedAt\": \"" + updated
                + "\"}]}";
    }

    /** Knows these orders. */
    private static HttpServer conductor(Map<String, String> runs) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/work-orders/", exchange -> {
            String order =
                    List.of(exchange.getRequestURI().getPath().split("/")).get(3);
            String known = runs.get(order);
            byte[] body = (known == null ? "{\"code\": \"not-found\", \"detail\": \"no such order\"}" : known)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("content-type", "application/json");
            exchange.sendResponseHeaders(known == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }
}
