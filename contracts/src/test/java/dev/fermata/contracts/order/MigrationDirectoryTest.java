package dev.fermata.contracts.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationDirectoryTest {
    @TempDir
    private Path folder;

    @Test
    void flywayFilesComeInTheOrderOfTheirVersions() throws IOException {
        given(
                "V10__ten.sql",
                "V2__two.sql",
                "V1_1__one_point_one.sql",
                "V1__Create_Orders.sql",
                "U2__two.sql",
                "README.md");

        List<Migration> migrations = MigrationDirectory.list(folder);

        assertThat(migrations)
                .extracting(Migration::name)
                .containsExactly("v1-create-orders", "v1-1-one-point-one", "v2-two", "v10-ten");
        assertThat(migrations.get(2))
                .isEqualTo(new Migration(
                        "v2-two", "2", "two", "V2__two.sql", "-- V2__two.sql", "U2__two.sql", "-- U2__two.sql"));
        assertThat(migrations.get(3).rollback()).isNull();
    }

    @Test
    void numberedFilesComeWithTheirWayBack() throws IOException {
        given("000010_b.up.sql", "000010_b.down.sql", "000009_a.up.sql", "20260101120000_c.up.sql");

        assertThat(MigrationDirectory.list(folder))
                .extracting(Migration::name, Migration::rollback)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("000009-a", null),
                        org.assertj.core.groups.Tuple.tuple("000010-b", "-- 000010_b.down.sql"),
                        org.assertj.core.groups.Tuple.tuple("20260101120000-c", null));
    }

    @Test
    void theFlywayFileOfTheContractHasItsWayBackBesideIt() throws IOException {
        given("V12__status.sql", "V12__status.down.sql");

        assertThat(MigrationDirectory.list(folder))
                .singleElement()
                .extracting(Migration::rollbackFile)
                .isEqualTo("V12__status.down.sql");
    }

    @Test
    void everythingThatCannotBeUsedIsNamedAtOnce() throws IOException {
        given("V1__a.sql", "V1.0__b.sql", "U7__gone.sql", "R__view.sql", "V2_missing.sql", "afterMigrate.sql");
        Files.writeString(folder.resolve("V3__empty.sql"), "\n");
        Files.write(folder.resolve("V4__latin.sql"), new byte[] {(byte) 0xe9});

        WorkOrderFileException refused =
                catchThrowableOfType(WorkOrderFileException.class, () -> MigrationDirectory.list(folder));

        assertThat(refused.problems())
                .extracting(Problem::code)
                .containsExactlyInAnyOrder(
                        "duplicate-version",
                        "orphan-rollback",
                        "bad-file-name",
                        "bad-file-name",
                        "bad-file-name",
                        "empty",
                        "source");
        assertThat(refused.getMessage())
                .contains("V1__a.sql: version 1 is that of V1.0__b.sql too")
                .contains("R__view.sql: repeatable migrations")
                .contains("U7__gone.sql: there is no migration of version 7");
    }

    @Test
    void aFolderWithoutMigrationsIsRefused() {
        assertThat(catchThrowableOfType(WorkOrderFileException.class, () -> MigrationDirectory.list(folder)))
                .hasMessageContaining("no migration in the folder");
    }

    @Test
    void namesFitAWorkOrder() throws IOException {
        given("V1__" + "Very_long_ÄÖ_".repeat(12) + ".sql");

        String name = MigrationDirectory.list(folder).get(0).name();

        assertThat(WorkOrder.of(name, "ada", List.of("shop"), "select 1", null).name())
                .startsWith("v1-very-long-")
                .hasSizeLessThanOrEqualTo(63);
    }

    private void given(String... files) throws IOException {
        for (String file : files) {
            Files.writeString(folder.resolve(file), "-- " + file);
        }
    }
}
