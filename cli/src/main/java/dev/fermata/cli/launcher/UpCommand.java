package dev.fermata.cli.launcher;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.runtime.config.ConfigReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fermata up}: the whole system in one process, on a broker and a database of its own. */
@Command(
        name = "up",
        description =
                "Starts the whole system in one process with its own Kafka and PostgreSQL; data is kept in --data.",
        mixinStandardHelpOptions = true)
public final class UpCommand implements Callable<Integer> {
    private static final int SAMPLE_ORDERS = 20_000;

    @Mixin
    private ConfigOption config = new ConfigOption();

    @Option(names = "--data", paramLabel = "DIR", description = "Where everything is kept (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".fermata");

    @Option(names = "--http", paramLabel = "PORT", description = "Port of the conductor (default: ${DEFAULT-VALUE}).")
    private int http = 8080;

    @Option(names = "--kafka", paramLabel = "PORT", description = "Port of the broker (default: any free one).")
    private int kafka;

    @Option(names = "--postgres", paramLabel = "PORT", description = "Port of the database (default: any free one).")
    private int postgres;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public UpCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        Logs.toStandardError();
        Path folder = data.toAbsolutePath();
        Files.createDirectories(folder);
        try (Termination termination = Termination.watched();
                EmbeddedServers servers = EmbeddedServers.start(folder, kafka, postgres)) {
            serve(termination, servers, folder);
        }
        return 0;
    }

    private void serve(Termination termination, EmbeddedServers servers, Path folder)
            throws IOException, InterruptedException, SQLException {
        Map<String, String> settings = settings(servers, folder);
        try (AllServices services = AllServices.start(List.of(ServiceName.values()), config.file(), settings, http)) {
            Path address = writeAddress(folder, services.port(ServiceName.CONDUCTOR), servers, settings);
            announce(servers, services, folder);
            termination.await();
            Files.deleteIfExists(address);
        }
    }

    private Map<String, String> settings(EmbeddedServers servers, Path folder) throws SQLException {
        Map<String, String> settings = new HashMap<>(servers.settings());
        settings.put(
                "worker-execution.backup-directory", folder.resolve("backups").toString());
        if (new ConfigReader(config.source()).names("targets").isEmpty()) {
            settings.putAll(sampleTarget(servers));
        }
        settings.putAll(config.settings());
        return settings;
    }

    /** So that there is something to try things on. */
    private static Map<String, String> sampleTarget(EmbeddedServers servers) throws SQLException {
        servers.createDatabase("shop", "shop");
        try (Connection connection = servers.as("shop", "shop")) {
            SampleShop.create(connection, SAMPLE_ORDERS);
        }
        return targetSettings(servers, "shop", "staging");
    }

    /** The keys of a target in the embedded database. */
    static Map<String, String> targetSettings(EmbeddedServers servers, String name, String environment) {
        String at = "targets." + name + ".";
        return Map.of(
                at + "host",
                servers.postgresHost(),
                at + "port",
                Integer.toString(servers.postgresPort()),
                at + "database",
                name,
                at + "user",
                name,
                at + "password-file",
                servers.secretFile(name).toString(),
                at + "environment",
                environment);
    }

    /** Tells the command line of the same folder where the conductor is, and the targets that no settings file has. */
    private static Path writeAddress(Path folder, int port, EmbeddedServers servers, Map<String, String> settings)
            throws IOException {
        ObjectNode address = Json.mapper().createObjectNode();
        address.put("url", "http://127.0.0.1:" + port);
        address.put("kafka", servers.bootstrapServers());
        address.put("postgres", servers.postgresHost() + ":" + servers.postgresPort());
        address.put("pid", ProcessHandle.current().pid());
        ObjectNode targets = address.putObject("settings");
        settings.forEach((key, value) -> {
            if (key.startsWith("targets.")) {
                targets.put(key, value);
            }
        });
        Path file = folder.resolve("up.json");
        Path draft = folder.resolve("up.json.tmp");
        Files.writeString(draft, address.toPrettyString());
        return Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void announce(EmbeddedServers servers, AllServices services, Path folder) {
        PrintWriter err = spec.commandLine().getErr();
        Optional<Path> file = config.file();
        err.println();
        err.println("  Fermata is up.");
        err.println("    REST        http://127.0.0.1:" + services.port(ServiceName.CONDUCTOR) + "/v1/work-orders");
        err.println("    Kafka       " + servers.bootstrapServers() + "  (topics fermata.*)");
        err.println("    PostgreSQL  " + servers.postgresHost() + ":" + servers.postgresPort());
        err.println("    data        " + folder);
        err.println("    settings    " + file.map(Path::toString).orElse("defaults, with the sample target 'shop'"));
        err.println("  Stop with Ctrl-C; the next start goes on where this one stopped.");
        err.println();
        err.flush();
    }
}
