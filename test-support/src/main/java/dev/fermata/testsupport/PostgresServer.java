package dev.fermata.testsupport;

import com.github.dockerjava.api.DockerClient;
import dev.fermata.embedded.EmbeddedPostgres;
import dev.fermata.embedded.LoopbackPorts;
import dev.fermata.embedded.PostgresAddress;
import dev.fermata.embedded.PostgresOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A server that can crash and come back on the same port. */
sealed interface PostgresServer extends AutoCloseable {
    /**
     * Tests open very many sessions, each of which would hash the password 4096 times, and run so many statements that those
     * of another test would be forgotten.
     */
    Map<String, String> FOR_TESTS = Map.of("scram_iterations", "1", "pg_stat_statements.max", "200000");

    PostgresAddress address();

    void stopImmediate();

    /** As {@code pg_ctl stop -m fast}: open transactions are rolled back, everything is written out. */
    void stopFast();

    void startAgain();

    @Override
    void close();

    /** A child process on this machine. */
    final class Embedded implements PostgresServer {
        private final Path folder;
        private final PostgresOptions options;
        private EmbeddedPostgres postgres;

        private Embedded(Path folder, PostgresOptions options, EmbeddedPostgres postgres) {
            this.folder = folder;
            this.options = options;
            this.postgres = postgres;
        }

        static Embedded start(Map<String, String> settings) {
            return start(ServerFolder.createInMemory("postgres"), settings);
        }

        /** @param folder of a server that does not run, or an empty one */
        static Embedded start(Path folder, Map<String, String> settings) {
            Map<String, String> all = new LinkedHashMap<>(FOR_TESTS);
            all.putAll(settings);
            PostgresOptions options = PostgresOptions.defaults()
                    .withDurability(PostgresOptions.Durability.PROCESS)
                    .withSettings(all);
            EmbeddedPostgres postgres = EmbeddedPostgres.start(folder, options);
            return new Embedded(folder, options.withPort(postgres.address().port()), postgres);
        }

        @Override
        public PostgresAddress address() {
            return postgres.address();
        }

        Path folder() {
            return folder;
        }

        Map<String, String> settings() {
            return options.settings();
        }

        @Override
        public void stopImmediate() {
            postgres.stopImmediate();
        }

        @Override
        public void stopFast() {
            postgres.close();
        }

        @Override
        public void startAgain() {
            postgres = EmbeddedPostgres.start(folder, options);
        }

        @Override
        public void close() {
            postgres.stopImmediate();
            ServerFolder.delete(folder);
        }
    }

    /** A container; the data lives and dies with it. */
    final class Container implements PostgresServer {
        private static final String IMAGE = "postgres:18";
        private static final String PASSWORD = "secret-of-a-test-container";

        private final PostgreSQLContainer container;

        private Container(PostgreSQLContainer container) {
            this.container = container;
        }

        static Container start(Map<String, String> settings) {
            return LoopbackPorts.bindOnFreePort(port -> {
                // A given port, because a mapped one changes when the container starts again.
                PostgreSQLContainer container = new PostgreSQLContainer(IMAGE)
                        .withUsername("postgres")
                        .withPassword(PASSWORD)
                        .withCommand(command(settings));
                container.setPortBindings(List.of(LoopbackPorts.HOST + ":" + port + ":5432"));
                container.start();
                return new Container(container);
            });
        }

        private static String[] command(Map<String, String> settings) {
            Map<String, String> all = new LinkedHashMap<>(Map.of(
                    "wal_level", "logical",
                    "shared_preload_libraries", "pg_stat_statements",
                    "max_connections", "200",
                    "fsync", "off",
                    "full_page_writes", "off",
                    "timezone", "UTC",
                    "log_timezone", "UTC"));
            all.putAll(FOR_TESTS);
            all.putAll(settings);
            List<String> command = new ArrayList<>(List.of("postgres"));
            all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
            return command.toArray(String[]::new);
        }

        @Override
        public PostgresAddress address() {
            return new PostgresAddress(
                    container.getHost(), container.getMappedPort(5432), container.getUsername(), PASSWORD);
        }

        @Override
        public void stopImmediate() {
            docker().killContainerCmd(container.getContainerId())
                    .withSignal("SIGKILL")
                    .exec();
        }

        @Override
        public void stopFast() {
            // The image says that a container is stopped by SIGINT, which is a fast shutdown.
            docker().stopContainerCmd(container.getContainerId()).exec();
        }

        @Override
        public void startAgain() {
            docker().startContainerCmd(container.getContainerId()).exec();
            Wait.forListeningPort().withStartupTimeout(Duration.ofMinutes(1)).waitUntilReady(container);
        }

        private DockerClient docker() {
            return container.getDockerClient();
        }

        @Override
        public void close() {
            container.stop();
        }
    }
}
