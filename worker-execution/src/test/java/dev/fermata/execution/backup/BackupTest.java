package dev.fermata.execution.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final PgClients NO_CLIENTS = new PgClients(List.of(), Map.of());

    @TempDir
    private Path root;

    private TestDatabase database;
    private TargetDatabase target;

    @BeforeEach
    void create() throws SQLException {
        database = RealPostgres.shared().newDatabase();
        target = RichShop.target(RealPostgres.shared(), database);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    private Backup backup(Runnable checkPoint) {
        return new Backup(
                target,
                RichShop.RUN,
                RichShop.DIGEST,
                BackupConfig.in(root),
                Clock.systemUTC(),
                checkPoint,
                NO_CLIENTS);
    }

    private Backups backups() {
        return Backups.of(new DirectoryStore(root), NO_CLIENTS);
    }

    private Backups.Kept only() throws IOException {
        return backups().list().backups().getFirst();
    }

    @Test
    void whatIsReportedWasRestoredAndFoundEqual() throws Exception {
        RichShop.fill(database);
        BackupReport report = backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);

        assertThat(report.tables())
                .extracting(BackupReport.Table::name, BackupReport.Table::rows)
                .containsExactlyInAnyOrder(
                        tuple("public.orders", 2000L),
                        tuple("public.events_old", 30L),
                        tuple("public.events_rest", 30L),
                        tuple("public.nothing", 1L),
                        tuple(RichShop.ODD.toString(), 2L));
        assertThat(report.method()).isEqualTo("copy");
        assertThat(report.notes())
                .singleElement()
                .asString()
                .contains("restored NOT VALID", "orders_customer_fkey", "REFERENCES public.customers");
        assertThat(database.askAll("SELECT datname FROM pg_database WHERE datname LIKE 'fermata_scratch%' AND"
                        + " pg_get_userbyid(datdba) = current_user"))
                .as("the scratch database is gone")
                .isEmpty();
    }

    @Test
    void whatRestsInTheAtticIsNoPartOfIt() throws Exception {
        RichShop.fill(database);
        database.execute(
                "ALTER TABLE orders ADD COLUMN fermata_attic_k_old text DEFAULT 'kept'",
                "CREATE INDEX fermata_attic_k_i ON orders (fermata_attic_k_old)",
                "CREATE SCHEMA fermata_attic_k_gone CREATE TABLE things (id integer)");
        for (BackupMode mode : List.of(BackupMode.AFFECTED, BackupMode.FULL)) {
            BackupReport report = backup(() -> {}).take(mode, RichShop.AFFECTED);
            assertThat(report.tables())
                    .extracting(BackupReport.Table::name)
                    .contains("public.orders")
                    .doesNotContain("fermata_attic_k_gone.things");
        }
    }

    @Test
    void tablesOfOneNameInTwoSchemasAreRestoredSideBySide() throws Exception {
        database.execute(
                "CREATE TABLE a (id integer)",
                "INSERT INTO a VALUES (1)",
                "CREATE SCHEMA other CREATE TABLE a (id integer) CREATE TABLE b (id integer)",
                "INSERT INTO other.a VALUES (2)");
        backup(() -> {}).take(BackupMode.FULL, Set.of());
        backups().restoreRows(only(), target, "back");
        assertThat(database.askAll("SELECT id FROM back.\"public.a\" UNION ALL SELECT id FROM back.\"other.a\""
                        + " UNION ALL SELECT id FROM back.b"))
                .containsExactly("1", "2");
    }

    @Test
    void onlyTheOwnerMayReadIt() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        try (Stream<Path> all = Files.walk(root)) {
            assertThat(all.filter(path -> !path.equals(root))).isNotEmpty().allSatisfy(path -> assertThat(
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
    }

    @Test
    void aRestoredDatabaseHasRowsKeysIndexesSequencesAndTriggers() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.FULL, Set.of());
        String name = database.name() + "_back";
        List<String> refused = backups().restore(only(), target, name, Backups.Ownership.AS_IT_WAS);

        assertThat(refused).isEmpty();
        try (Connection restored = Backups.beside(target, name).open(Restoration.session());
                var statement = restored.createStatement()) {
            try (var row = statement.executeQuery("""
                SELECT (SELECT count(*) FROM orders), nextval('numbers'),
                  (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated),
                  (SELECT count(*) FROM pg_index WHERE indrelid = 'orders'::regclass AND indisvalid),
                  has_column_privilege('pg_monitor', 'orders', 'note', 'UPDATE')
                """)) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(2000);
                assertThat(row.getLong(2)).as("the sequence goes on").isEqualTo(19);
                assertThat(row.getLong(3)).as("both foreign keys are valid").isEqualTo(2);
                assertThat(row.getLong(4)).isEqualTo(4);
                assertThat(row.getBoolean(5)).isTrue();
            }
            try (var row = statement.executeQuery(
                    "INSERT INTO orders (customer, price) VALUES (1, 1) RETURNING id, twice, note")) {
                row.next();
                assertThat(row.getInt(1)).as("identity goes on").isEqualTo(2001);
                assertThat(row.getInt(2)).isEqualTo(2);
                assertThat(row.getString(3)).as("the trigger is there").isEqualTo("touched");
            }
        }
        assertThatThrownBy(() -> backups().restore(only(), target, name, Backups.Ownership.AS_IT_WAS))
                .isInstanceOf(AlreadyThereException.class)
                .hasMessageContaining(name);
    }

    @Test
    void rowsComeBackBesideTheTableInUseAndNeverOverIt() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        database.execute("DELETE FROM events");
        backups().restoreRows(only(), target, "rescue");
        assertThat(database.ask("SELECT count(*) FROM rescue.events_old")).isEqualTo("30");
        assertThat(database.ask("SELECT count(*) FROM rescue.orders")).isEqualTo("2000");
        assertThatThrownBy(() -> backups().restoreRows(only(), target, "public"))
                .isInstanceOf(AlreadyThereException.class)
                .hasMessageContaining("public.");
        assertThat(database.ask("SELECT count(*) FROM events")).isEqualTo("0");
    }

    @Test
    void allTablesAreOfOneMomentThoughTheyAreCopiedSideBySide() throws Exception {
        Set<QualifiedName> accounts = new LinkedHashSet<>();
        for (int i = 0; i < 6; i++) {
            database.execute("CREATE TABLE account_" + i + " AS SELECT n, 10 AS amount FROM generate_series(1, 5) n");
            accounts.add(new QualifiedName("public", "account_" + i));
        }
        AtomicInteger moves = new AtomicInteger();
        BackupReport report = backup(() -> {
                    int move = moves.getAndIncrement();
                    if (move == 0) {
                        return; // the snapshot is not taken yet
                    }
                    try {
                        database.execute("UPDATE account_" + move % 6 + " SET amount = amount - 1; UPDATE account_"
                                + (move + 1) % 6 + " SET amount = amount + 1");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .take(BackupMode.AFFECTED, accounts);
        assertThat(moves).as("money moved before each table was copied").hasValueGreaterThanOrEqualTo(7);
        backups().restoreRows(only(), target, "rescue");
        for (QualifiedName account : accounts) {
            assertThat(database.ask("SELECT sum(amount) FROM rescue." + account.name()))
                    .as("%s is as it was when the snapshot was taken, before any move", account)
                    .isEqualTo("50");
        }
        assertThat(report.tables()).hasSize(6);
    }

    @Test
    void aChangedByteIsFound() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        Backups.Kept kept = only();
        assertThat(backups().damages(kept)).isEmpty();
        assertThat(backups().differences(kept, target)).isEmpty();
        Path file = root.resolve(kept.folder())
                .resolve(Objects.requireNonNull(
                                kept.manifest().tables().getFirst().file())
                        .name());
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() / 2);
            int b = bytes.read();
            bytes.seek(bytes.length() / 2);
            bytes.write(b ^ 1);
        }
        assertThat(backups().damages(kept)).singleElement().asString().contains(file.toString(), "sha256");
        assertThatThrownBy(() -> backups().differences(kept, target)).isInstanceOf(Exception.class);
        Files.delete(file);
        assertThat(backups().damages(kept)).singleElement().asString().contains("is not there");
    }

    @Test
    void anAttemptThatWasCutOffIsNoBackupAndTheNextOneIs() throws Exception {
        RichShop.fill(database);
        AtomicInteger looks = new AtomicInteger();
        assertThatThrownBy(() -> backup(() -> {
                            if (looks.incrementAndGet() >= 7) {
                                throw new IllegalStateException("this worker lost the job");
                            }
                        })
                        .take(BackupMode.AFFECTED, RichShop.AFFECTED))
                .hasMessage("this worker lost the job");
        assertThat(new DirectoryStore(root).names(""))
                .as("something was written")
                .isNotEmpty();
        assertThat(backups().list().backups()).as("but there is no backup").isEmpty();
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        Backups.Kept kept = only();
        assertThat(new DirectoryStore(root).names(""))
                .as("and nothing of the first attempt is left")
                .hasSize(kept.manifest().files().size() + 1);
    }

    @Test
    void theNextAttemptTakesAnotherUnlessItIsYoungWholeAndOfTheSameExtent() throws Exception {
        RichShop.fill(database);
        Duration hour = Duration.ofHours(1);
        Backup backup = backup(() -> {});
        assertThat(backup.taken(BackupMode.AFFECTED, hour)).as("there is none").isEmpty();
        BackupReport report = backup.take(BackupMode.AFFECTED, RichShop.AFFECTED);
        assertThat(backup.taken(BackupMode.AFFECTED, hour)).contains(report);
        assertThat(backup.taken(BackupMode.FULL, hour)).as("of less").isEmpty();

        Clock later = Clock.offset(Clock.systemUTC(), hour.plus(report.elapsed()));
        Backup retried =
                new Backup(target, RichShop.RUN, RichShop.DIGEST, BackupConfig.in(root), later, () -> {}, NO_CLIENTS);
        assertThat(retried.taken(BackupMode.AFFECTED, hour)).as("old").isEmpty();

        Path manifest = root.resolve(only().folder()).resolve(BackupManifest.NAME);
        Files.writeString(manifest, "{\"format\": 1}");
        assertThat(backup.taken(BackupMode.AFFECTED, hour)).as("damaged").isEmpty();
        Files.delete(manifest);
        assertThat(backup.taken(BackupMode.AFFECTED, hour)).as("gone").isEmpty();
    }

    @Test
    void aManifestThatCannotBeReadHidesNoOtherBackup() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        for (String text : List.of("", "not JSON", "{\"format\": 1}", "{\"format\": 99}")) {
            Path folder = Files.createDirectories(root.resolve("wo_damaged/shop/" + Math.abs(text.hashCode())));
            Files.writeString(folder.resolve(BackupManifest.NAME), text);
        }

        Backups.Listing all = backups().list();
        assertThat(all.backups()).extracting(Backups.Kept::folder).containsExactly(only().folder());
        assertThat(all.unreadable()).hasSize(4).allSatisfy(one -> {
            assertThat(one.folder()).startsWith("wo_damaged/shop/");
            assertThat(one.why()).contains(one.folder(), "manifest");
        });
        assertThat(backups().find(RichShop.RUN.toString()).unreadable()).isEmpty();
        assertThat(backups().find("wo_damaged").unreadable()).hasSize(4);
    }

    @Test
    void whatARestorationThatFailsHasMadeIsRemoved() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        Backups.Kept kept = only();
        BackupManifest.Table table = kept.manifest().tables().getFirst();
        Path file = root.resolve(kept.folder())
                .resolve(Objects.requireNonNull(table.file()).name());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        String name = database.name() + "_back";

        assertThatThrownBy(() -> backups().restore(kept, target, name, Backups.Ownership.OF_THE_RESTORING_ROLE))
                .isInstanceOf(DamagedFileException.class)
                .hasMessageContaining(file + " is not what was written");
        assertThat(database.askAll("SELECT datname FROM pg_database WHERE datname = '" + name + "'"))
                .isEmpty();
    }

    @Test
    void aKeyOfAPartitionedTableToOneThatIsNotKeptIsLeftOutAndSaid() throws Exception {
        database.execute(
                "CREATE TABLE people (id integer PRIMARY KEY)",
                "INSERT INTO people VALUES (1)",
                "CREATE TABLE visits (id integer, person integer REFERENCES people) PARTITION BY LIST (id)",
                "CREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1)",
                "INSERT INTO visits VALUES (1, 1)");
        BackupReport report = backup(() -> {})
                .take(
                        BackupMode.AFFECTED,
                        Set.of(new QualifiedName("public", "visits"), new QualifiedName("public", "visits_1")));
        assertThat(report.notes())
                .singleElement()
                .asString()
                .contains("not restored", "visits_person_fkey", "REFERENCES public.people");
        assertThat(backups().differences(only(), target)).isEmpty();
    }

    @Test
    void whatABackupThatFailedHasWrittenIsRemoved() throws Exception {
        RichShop.fill(database);
        AtomicInteger looks = new AtomicInteger();
        assertThatThrownBy(() -> backup(() -> {
                            if (looks.incrementAndGet() == 5) {
                                throw new IllegalStateException("a full disk, say");
                            }
                        })
                        .take(BackupMode.AFFECTED, RichShop.AFFECTED))
                .hasMessage("a full disk, say");
        assertThat(new DirectoryStore(root).names("")).isEmpty();
    }

    @Test
    void aWorkerThatWasStoppedWhileItCopiedPutsNoFileInThePlaceOfAnothers() throws Exception {
        database.execute("CREATE TABLE small AS SELECT 1 AS n");
        Backup late = backup(() -> {
            try (Stream<Path> all = Files.walk(root)) {
                if (all.anyMatch(path -> path.toString().contains("small.copy.zst"))) {
                    throw new IllegalStateException("another has taken over");
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatThrownBy(() -> late.take(BackupMode.AFFECTED, Set.of(new QualifiedName("public", "small"))))
                .hasMessage("another has taken over");
        assertThat(new DirectoryStore(root).names("")).noneMatch(name -> name.endsWith("small.copy.zst"));
    }

    @Test
    void itsSessionsAreEndedByWhoeverTakesTheOrderOver() throws Exception {
        RichShop.fill(database);
        Set<String> names = ConcurrentHashMap.newKeySet();
        backup(() -> {
                    try {
                        names.addAll(database.askAll("SELECT application_name FROM pg_stat_activity WHERE datname ="
                                + " current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .take(BackupMode.AFFECTED, RichShop.AFFECTED);
        assertThat(names).contains("fermata/" + RichShop.RUN.order().value() + "/backup");
    }

    @Test
    void aDiskWithoutRoomIsFoundBeforeAnythingIsWritten() throws Exception {
        RichShop.fill(database);
        DirectoryStore full = new DirectoryStore(root, folder -> 1234);
        assertThatThrownBy(() -> backup(() -> {}).take(full, BackupMode.AFFECTED, RichShop.AFFECTED, 0))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(root.toString())
                .hasMessageContaining("1,234 are free")
                .hasMessageMatching(".*may need [0-9,]{10,} bytes.*");
        assertThat(full.names("")).isEmpty();
    }

    @Test
    void aFullBackupWithoutAFittingClientKeepsAllTablesAndSaysSo() throws Exception {
        RichShop.fill(database);
        BackupReport report = backup(() -> {}).take(BackupMode.FULL, Set.of());
        assertThat(report.method()).isEqualTo("copy");
        assertThat(report.tables()).extracting(BackupReport.Table::name).contains("public.customers", "public.orders");
        assertThat(report.notes()).singleElement().asString().contains("no fitting pg_dump", "found: none");
    }

    @Test
    void aPrunedBackupLeavesNothingAndTheOthersStay() throws Exception {
        RichShop.fill(database);
        backup(() -> {}).take(BackupMode.AFFECTED, RichShop.AFFECTED);
        new Backup(target, RichShop.RUN, "sha256:ffff", BackupConfig.in(root), Clock.systemUTC(), () -> {}, NO_CLIENTS)
                .take(BackupMode.AFFECTED, Set.of(RichShop.ODD));
        assertThat(backups().find(RichShop.RUN.toString()).backups()).hasSize(2);
        backups().delete(only());
        assertThat(backups().list().backups()).singleElement().satisfies(kept -> assertThat(kept.folder())
                .endsWith("/3f2a9c1b0d4e"));
        assertThat(Files.exists(root.resolve(RichShop.RUN + "/ffff"))).isFalse();
    }
}
