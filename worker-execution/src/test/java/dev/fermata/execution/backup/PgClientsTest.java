package dev.fermata.execution.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fermata.contracts.order.WorkOrder.BackupMode;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PgClientsTest {
    @TempDir
    private Path folder;

    /** A folder with programs that say this of themselves. */
    private Path programs(String version) throws IOException {
        Path programs = Files.createDirectories(folder.resolve(version.replace(' ', '_')));
        for (String name : List.of("pg_dump", "pg_restore")) {
            Path program = programs.resolve(name);
            Files.writeString(program, "#!/bin/sh\necho \"" + name + " (PostgreSQL) " + version + "\"\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        }
        return programs;
    }

    @ParameterizedTest
    @CsvSource({
        "15, 15.19",
        "16, 17.11", // a newer one, where there is none of the same version
        "17, 17.11",
        "18, 18.6",
        "14, 15.19", // 14.23 can be made to run code by who owns the database
        "19, 19.0",
    })
    void theOneOfTheServersVersionIsTakenIfItIsSafe(int server, String expected) throws Exception {
        PgClients clients = new PgClients(
                List.of(
                        programs("18.6"),
                        programs("19.0"),
                        programs("17.11"),
                        programs("16.14"),
                        programs("15.19 (Debian 15.19-1)"),
                        programs("14.23"),
                        folder.resolve("nothing-here")),
                PgClients.SAFE_MINORS);
        assertThat(clients.fitting(server))
                .hasValueSatisfying(client -> assertThat(client).hasToString("pg_dump " + expected));
    }

    @Test
    void whereThereIsNoneItIsSaidWhatThereIs() throws Exception {
        PgClients clients = new PgClients(
                List.of(programs("15.18"), programs("17devel"), programs("13.22")), PgClients.SAFE_MINORS);
        assertThat(clients.fitting(15)).isEmpty();
        assertThat(clients.whyNone(15)).contains("expected: 15.19 or newer", "found: pg_dump 15.18");
    }

    @Test
    void aDumpThatFailsIsNoBackupAndItsErrorQuotesNothing() throws Exception {
        Path programs = programs("18.6");
        Files.writeString(programs.resolve("pg_dump"), """
            #!/bin/sh
            if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 18.6"; exit; fi
            echo "$@" > "$(dirname "$0")/arguments"
            [ "$PGPASSWORD" = the-password ] && echo "it has the password" >> "$(dirname "$0")/arguments"
            echo half of it
            echo "pg_dump: error: invalid value \\"a row\\" of user $PGUSER" >&2
            exit 1
            """);
        PgClients clients = new PgClients(List.of(programs), PgClients.SAFE_MINORS);
        DirectoryStore store = new DirectoryStore(folder.resolve("store"));
        TargetDatabase target = new TargetDatabase(
                new TargetAddress("shop", "127.0.0.1", 1, "shop", "app", Password.of("the-password"), "test"));
        assertThatThrownBy(() -> clients.dump(
                        clients.fitting(18).orElseThrow(), target, "test", "1-1", store, "x/database.dump", () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("pg_dump ended with status 1")
                .hasMessageNotContaining("a row");
        assertThat(Files.readString(programs.resolve("arguments")))
                .contains("--snapshot=1-1", "it has the password")
                .doesNotContain("the-password");
        assertThat(store.names("")).isEmpty();
    }

    @Test
    void aFullBackupIsDumpedAtTheSnapshotRestoredAndCompared() throws Exception {
        Optional<Path> programs = PackagedPostgres.programs();
        assumeTrue(programs.isPresent(), "no PostgreSQL server with pg_dump in /usr/lib/postgresql: not tested");
        try (PackagedPostgres server = PackagedPostgres.start(programs.get(), folder.resolve("server"))) {
            server.execute(RichShop.statements());
            PgClients clients = new PgClients(List.of(programs.get()), Map.of()); // whatever its minor version
            Path root = folder.resolve("backups");
            TargetDatabase target = server.target();
            int[] places = {0};
            BackupReport report = new Backup(
                            target,
                            RichShop.RUN,
                            RichShop.DIGEST,
                            BackupConfig.in(root),
                            Clock.systemUTC(),
                            () -> {
                                if (++places[0] == 2) { // the snapshot is taken after the first
                                    write(server);
                                }
                            },
                            clients)
                    .take(BackupMode.FULL, Set.of());
            assertThat(report.method()).isEqualTo("pg_dump");
            assertThat(report.notes()).singleElement().asString().startsWith("dumped by pg_dump ");
            assertThat(report.tables())
                    .filteredOn(table -> table.name().equals("public.orders"))
                    .singleElement()
                    .satisfies(table -> assertThat(table.rows())
                            .as("rows that came while it was dumped are not in it")
                            .isEqualTo(2000));

            Backups backups = Backups.of(new DirectoryStore(root), clients);
            Backups.Kept kept = backups.list().backups().getFirst();
            assertThat(backups.damages(kept)).isEmpty();
            assertThat(backups.differences(kept, target)).isEmpty();
            assertThat(backups.restore(kept, target, "again", Backups.Ownership.OF_THE_RESTORING_ROLE))
                    .isEmpty();
            assertThatThrownBy(() -> backups.restoreRows(kept, target, "rescue"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in the dump");

            server.execute("CREATE ROLE shop_owner");
            TargetDatabase forTheRole = new TargetDatabase(target.address().withRole("shop_owner"));
            assertThat(backups.differences(kept, forTheRole)).isEmpty();
            backups.restore(kept, forTheRole, "owned", Backups.Ownership.OF_THE_RESTORING_ROLE);
            assertThat(owners(forTheRole, "owned")).containsExactly("shop_owner");
        }
    }

    @Test
    void anIndexThatIsNotValidIsNotInADumpAndThatIsSaid() throws Exception {
        Optional<Path> programs = PackagedPostgres.programs();
        assumeTrue(programs.isPresent(), "no PostgreSQL server with pg_dump in /usr/lib/postgresql: not tested");
        try (PackagedPostgres server = PackagedPostgres.start(programs.get(), folder.resolve("server"))) {
            server.execute("CREATE TABLE twice (a integer)", "INSERT INTO twice VALUES (1), (1)");
            assertThatThrownBy(() -> server.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (a)"))
                    .isInstanceOf(SQLException.class);
            server.execute("COMMENT ON INDEX broken IS 'see ticket'");
            BackupReport report = new Backup(
                            server.target(),
                            RichShop.RUN,
                            RichShop.DIGEST,
                            BackupConfig.in(folder.resolve("backups")),
                            Clock.systemUTC(),
                            () -> {},
                            new PgClients(List.of(programs.get()), Map.of()))
                    .take(BackupMode.FULL, Set.of());
            assertThat(report.method()).isEqualTo("pg_dump");
            assertThat(report.notes()).contains("not kept by pg_dump: index public.broken, which is not valid");
        }
    }

    private static List<String> owners(TargetDatabase server, String database) throws SQLException {
        List<String> owners = new ArrayList<>();
        try (Connection connection = new TargetDatabase(server.address().in(database)).open(Session.reader("test"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n ON n.oid ="
                                + " relnamespace WHERE nspname !~ '^pg_|^information_schema$'")) {
            while (rows.next()) {
                owners.add(rows.getString(1));
            }
        }
        return owners;
    }

    private static void write(PackagedPostgres server) {
        try {
            server.execute("INSERT INTO orders (customer, price) VALUES (1, 1)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
