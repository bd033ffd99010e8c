package dev.fermata.cli.launcher;

import dev.fermata.embedded.EmbeddedException;
import dev.fermata.runtime.config.KafkaConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Everything that the demonstration runs in: broker, database, two shops under load, three services in this process, and the
 * execution worker in a process of its own, so that it can be killed.
 */
final class DemoWorld implements AutoCloseable {
    static final String PRODUCTION = "shop";
    static final String STAGING = "shop-staging";
    static final int PRODUCTION_ORDERS = 200_000;
    private static final int STAGING_ORDERS = 20_000;

    private final EmbeddedServers servers;
    private final AllServices services;
    private final ServiceProcess worker;
    private final DemoApprover approver;
    private final Map<String, LiveLoad> loads = new TreeMap<>();

    private DemoWorld(EmbeddedServers servers, AllServices services, ServiceProcess worker, DemoApprover approver) {
        this.servers = servers;
        this.services = services;
        this.worker = worker;
        this.approver = approver;
    }

    /** Tells people what is being done meanwhile. */
    interface Progress {
        void doing(String what);
    }

    static DemoWorld start(Path folder, Progress progress) throws IOException, SQLException {
        delete(folder);
        Files.createDirectories(folder);
        progress.doing("starting Kafka and PostgreSQL in " + folder);
        EmbeddedServers servers = EmbeddedServers.start(folder, 0, 0);
        AllServices services = null;
        ServiceProcess worker = null;
        try {
            Map<String, String> settings = settings(servers, folder);
            Path config = folder.resolve("fermata.yaml");
            Files.writeString(config, yaml(settings));
            worker = ServiceProcess.start(
                    ServiceName.WORKER_EXECUTION, config, folder.resolve("worker-execution.log"), 0);
            progress.doing("starting conductor, supervisor and workers");
            services = AllServices.start(
                    List.of(ServiceName.CONDUCTOR, ServiceName.WORKER_ANALYSIS, ServiceName.SUPERVISOR),
                    Optional.empty(),
                    settings,
                    0);
            progress.doing("filling the sample shop with " + PRODUCTION_ORDERS + " orders");
            fill(servers, PRODUCTION, PRODUCTION_ORDERS);
            fill(servers, STAGING, STAGING_ORDERS);
            KafkaConfig kafka = new KafkaConfig(servers.bootstrapServers(), "fermata.", 3, (short) 1);
            DemoWorld world = new DemoWorld(servers, services, worker, DemoApprover.start(kafka));
            world.startLoad();
            return world;
        } catch (RuntimeException | IOException | SQLException e) {
            if (worker != null) {
                worker.close();
            }
            if (services != null) {
                services.close();
            }
            servers.close();
            throw e;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static Map<String, String> settings(EmbeddedServers servers, Path folder) {
        Map<String, String> settings = new HashMap<>(servers.settings());
        servers.createDatabase(PRODUCTION, PRODUCTION);
        servers.createDatabase(STAGING, STAGING);
        settings.putAll(UpCommand.targetSettings(servers, PRODUCTION, "production"));
        settings.putAll(UpCommand.targetSettings(servers, STAGING, "staging"));
        settings.put("kafka.partitions", "3");
        settings.put(
                "worker-execution.backup-directory", folder.resolve("backups").toString());
        settings.put("worker-execution.lease", "3s");
        settings.put("worker-execution.heartbeat", "500ms");
        settings.put("supervisor.silence", "4s");
        settings.put("supervisor.probe-every", "500ms");
        return settings;
    }

    private static String yaml(Map<String, String> settings) {
        StringBuilder yaml = new StringBuilder();
        new TreeMap<>(settings).forEach((key, value) -> yaml.append('"')
                .append(key)
                .append("\": \"")
                .append(value)
                .append("\"\n"));
        return yaml.toString();
    }

    private static void fill(EmbeddedServers servers, String shop, int orders) throws SQLException {
        try (Connection connection = servers.as(shop, shop)) {
            SampleShop.create(connection, orders);
        }
    }

    private void startLoad() {
        loads.put(
                PRODUCTION,
                LiveLoad.start(PRODUCTION, () -> servers.as(PRODUCTION, PRODUCTION), PRODUCTION_ORDERS / 10, 3));
        loads.put(STAGING, LiveLoad.start(STAGING, () -> servers.as(STAGING, STAGING), STAGING_ORDERS / 10, 1));
    }

    DemoClient client() {
        return new DemoClient("http://127.0.0.1:" + services.port(ServiceName.CONDUCTOR));
    }

    String bootstrapServers() {
        return servers.bootstrapServers();
    }

    ServiceProcess worker() {
        return worker;
    }

    Map<String, LiveLoad> loads() {
        return loads;
    }

    /** Orders that production acknowledged to the application. */
    long placedOnProduction() {
        LiveLoad load = loads.get(PRODUCTION);
        return load == null ? 0 : load.placed();
    }

    Connection shop(String name) throws SQLException {
        return servers.as(name, name);
    }

    /** The load first, as it is what measures; then whoever talks to the servers; then the servers. */
    @Override
    public void close() throws EmbeddedException {
        loads.values().forEach(LiveLoad::close);
        approver.close();
        worker.close();
        services.close();
        servers.close();
    }
}
