package dev.fermata.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedPostgresTest {
    private static final PostgresOptions FAST =
            PostgresOptions.defaults().withDurability(PostgresOptions.Durability.PROCESS);

    @TempDir
    Path folder;

    @Test
    void isReadyForLogicalReplicationAndStatementStatistics() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            assertThat(ask(postgres, "show wal_level")).isEqualTo("logical");
            assertThat(ask(postgres, "show max_connections")).isEqualTo("200");
            assertThat(ask(postgres, "show fsync")).isEqualTo("off");
            assertThat(ask(postgres, "show synchronous_commit")).isEqualTo("on");
            assertThat(ask(
                            postgres,
                            "select count(*) >= 0 from pg_catalog.pg_available_extensions "
                                    + "where name = 'pg_stat_statements'"))
                    .isEqualTo("t");
        }
    }

    @Test
    void settingsOfTheCallerReplaceOurs() throws Exception {
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.start(folder, FAST.withSettings(Map.of("max_connections", "33")))) {
            assertThat(ask(postgres, "show max_connections")).isEqualTo("33");
        }
    }

    @Test
    void nobodyEntersWithoutThePassword() {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            String url = postgres.address().jdbcUrl("postgres");
            assertThatThrownBy(() -> DriverManager.getConnection(url, "postgres", "postgres"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(postgres.address().toString())
                    .doesNotContain(postgres.address().password());
        }
    }

    @Test
    void thePasswordIsReadableByItsOwnerOnly() throws IOException {
        EmbeddedPostgres.start(folder, FAST).close();
        assertThat(Files.getPosixFilePermissions(folder.resolve("password")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void startsAgainOnAnotherPortWithTheSameDataAfterACrashOfTheServer() throws Exception {
        int firstPort;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            firstPort = postgres.address().port();
            ask(postgres, "create table kept as select 7 as value; select 1");
            postgres.stopImmediate();
            assertThat(postgres.isAlive()).isFalse();
        }
        int otherPort = LoopbackPorts.free();
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST.withPort(otherPort))) {
            assertThat(postgres.address().port()).isEqualTo(otherPort).isNotEqualTo(firstPort);
            assertThat(ask(postgres, "select value from kept")).isEqualTo("7");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder, FAST.withPort(taken.getLocalPort())))
                    .isInstanceOf(EmbeddedException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void aFolderInUseIsRefusedAndItsServerLeftAlone() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder, FAST))
                    .isInstanceOf(EmbeddedException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
            assertThat(ask(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aHalfMadeClusterIsMadeAnew() throws Exception {
        Files.createDirectories(folder.resolve("data.unfinished/base"));
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            assertThat(ask(postgres, "select 1")).isEqualTo("1");
            assertThat(folder.resolve("data.unfinished")).doesNotExist();
        }
    }

    @Test
    void aPidFileWhoseNumberNowBelongsToAnotherProgramIsNoObstacle() throws Exception {
        EmbeddedPostgres.start(folder, FAST).close();
        Files.writeString(
                folder.resolve("data/postmaster.pid"), ProcessHandle.current().pid() + "\n");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, FAST)) {
            assertThat(ask(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void foldersMayHaveSpacesAndUmlauts() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve("mein Ordner ä"), FAST)) {
            assertThat(ask(postgres, "select 1")).isEqualTo("1");
        }
    }

    private static String ask(EmbeddedPostgres postgres, String sql) throws SQLException {
        PostgresAddress address = postgres.address();
        try (Connection connection = DriverManager.getConnection(
                        address.jdbcUrl("postgres"), address.superuser(), address.password());
                Statement statement = connection.createStatement()) {
            boolean isResult = statement.execute(sql);
            while (!isResult) {
                isResult = statement.getMoreResults();
            }
            try (ResultSet result = statement.getResultSet()) {
                result.next();
                return result.getString(1);
            }
        }
    }
}
