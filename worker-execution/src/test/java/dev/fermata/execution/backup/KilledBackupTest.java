package dev.fermata.execution.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.execution.rehearsal.Clone;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker is killed by force while it copies tables, and while it restores what it copied. The first places and the last are
 * taken by default; all of them with {@code -Dfermata.faults=all}.
 */
class KilledBackupTest {
    private static final boolean ALL = "all".equals(System.getProperty("fermata.faults"));
    private static final long ROWS = 25_000;

    @TempDir
    private Path root;

    @TempDir
    private Path elsewhere;

    private TestDatabase database;
    private TargetDatabase target;

    @BeforeEach
    void create() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        target = RichShop.target(RealPostgres.shared(), database);
        database.execute(
                "CREATE TABLE large (id integer PRIMARY KEY, what text)",
                "INSERT INTO large SELECT n, md5(n::text) FROM generate_series(1, " + ROWS + ") AS n",
                "CREATE TABLE small AS SELECT n FROM generate_series(1, 10) AS n");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private Backups backups() {
        return Backups.of(new DirectoryStore(root), new PgClients(List.of(), Map.of()));
    }

    @Test
    void whatAKilledWorkerWroteIsNoBackupAndTheNextOneMakesAWholeOne() throws Exception {
        List<Integer> places = places();
        boolean halfWritten = false;
        boolean halfRestored = false;
        for (int place : places) {
            killAt(place);
            assertThat(backups().list().backups())
                    .as("backups after a kill at %s", place)
                    .isEmpty();
            halfWritten |= files().stream().anyMatch(file -> file.endsWith(".partial"));
            halfRestored |= !scratchDatabases().isEmpty();
        }
        assertThat(halfWritten).as("killed in the middle of a file").isTrue();
        assertThat(halfRestored).as("killed in the middle of the restoration").isTrue();

        BackupReport report =
                BackupProcess.backup(target, root, () -> {}).take(BackupMode.AFFECTED, BackupProcess.TABLES);
        assertThat(report.tables()).extracting(BackupReport.Table::rows).containsExactlyInAnyOrder(ROWS, 10L);
        Backups.Kept kept = backups().list().backups().getFirst();
        assertThat(backups().damages(kept)).isEmpty();
        assertThat(backups().differences(kept, target)).isEmpty();
        assertThat(files())
                .as("nothing of those that were killed is left")
                .hasSize(kept.manifest().files().size() + 1);
        assertThat(scratchDatabases()).isEmpty();
        System.out.println("backup killed at " + places);
    }

    @Test
    void theScratchDatabaseOfAnOrderThatNobodyGoesOnWithIsSwept() throws Exception {
        killAt(count() - 1); // the last place is behind the restoration
        assertThat(scratchDatabases()).hasSize(1);
        // The server finds out that the worker is gone when it looks next.
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Clone.sweep(target, List.of());
            assertThat(scratchDatabases()).isEmpty();
        });
    }

    @Test
    void aPrunedBackupTakesWhatIsHalfWrittenBesideItAlong() throws Exception {
        BackupProcess.backup(target, root, () -> {}).take(BackupMode.AFFECTED, BackupProcess.TABLES);
        Backups.Kept kept = backups().list().backups().getFirst();
        Files.createFile(root.resolve(kept.folder()).resolve("0007-public.gone.copy.zst.partial"));
        backups().delete(kept);
        assertThat(files()).isEmpty();
    }

    /** Where it is killed; the fourth is in the middle of the large table, the last but one in the restoration. */
    private List<Integer> places() throws Exception {
        int all = count();
        return ALL ? IntStream.rangeClosed(1, all).boxed().toList() : List.of(1, 4, all - 1, all);
    }

    /** How many places there are in a whole backup. */
    private int count() throws Exception {
        AtomicInteger places = new AtomicInteger();
        BackupProcess.backup(target, elsewhere, places::incrementAndGet)
                .take(BackupMode.AFFECTED, BackupProcess.TABLES);
        return places.get();
    }

    private void killAt(int place) throws Exception {
        Process worker = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BackupProcess.class.getName(),
                        target.address().host(),
                        Integer.toString(target.address().port()),
                        database.name(),
                        database.user(),
                        root.toString())
                .redirectErrorStream(true)
                .start();
        try {
            tell(worker, database.password());
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8));
            List<String> all = new ArrayList<>();
            for (int at = 0; at < place; ) {
                String line = Objects.requireNonNull(said.readLine(), () -> "it ended and said: " + all);
                all.add(line);
                if (line.startsWith(BackupProcess.AT) && ++at < place) {
                    tell(worker, "go");
                }
            }
        } finally {
            worker.destroyForcibly().waitFor();
        }
    }

    private static void tell(Process worker, String line) throws IOException {
        worker.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        worker.getOutputStream().flush();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).map(Path::toString).toList();
        }
    }

    private List<String> scratchDatabases() throws SQLException {
        return database.askAll("SELECT datname FROM pg_database WHERE datname LIKE 'fermata_scratch%' AND"
                + " pg_get_userbyid(datdba) = current_user");
    }
}
