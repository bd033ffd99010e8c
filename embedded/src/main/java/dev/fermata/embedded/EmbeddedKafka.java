package dev.fermata.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kafka node, broker and controller, inside this JVM. Listens on the loopback address only and knows no
 * passwords: for one machine, one user.
 *
 * <p>Topics and offsets stay in the folder. After {@code kill -9} the next start reads the log again and goes on, on
 * the same port or another.
 *
 * <p>Kafka says much at INFO. Set the loggers {@code org.apache.kafka}, {@code kafka} and {@code state.change.logger}
 * to WARN.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final String NODE_ID = "1";
    private static final String CONTROLLER = "CONTROLLER";

    private final KafkaRaftServer server;
    private final FolderLock lock;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, FolderLock lock, int port) {
        this.server = server;
        this.lock = lock;
        this.port = port;
    }

    /** Starts on any free port. */
    public static EmbeddedKafka start(Path folder) {
        return start(folder, KafkaOptions.defaults());
    }

    /**
     * Starts the node and returns when it accepts clients.
     *
     * @param folder made when missing; belongs to this node alone
     * @throws EmbeddedException when the folder is in use or the given port is taken
     */
    public static EmbeddedKafka start(Path folder, KafkaOptions options) {
        Folders.create(folder);
        FolderLock lock = FolderLock.take(folder);
        try {
            Path data = folder.resolve("data");
            format(data);
            return options.port() == 0
                    ? LoopbackPorts.bindOnFreePort(port -> startOn(port, data, options, lock))
                    : startOn(options.port(), data, options, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static EmbeddedKafka startOn(int port, Path data, KafkaOptions options, FolderLock lock) {
        long begin = System.nanoTime();
        LoopbackPorts.requireFree(port);
        KafkaRaftServer server = new KafkaRaftServer(config(port, LoopbackPorts.free(), data, options), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw new EmbeddedException("Kafka did not start on " + LoopbackPorts.HOST + ":" + port, e);
        }
        LOGGER.atDebug()
                .addKeyValue("port", port)
                .addKeyValue("elapsedMillis", (System.nanoTime() - begin) / 1_000_000)
                .log("embedded Kafka started");
        return new EmbeddedKafka(server, lock, port);
    }

    /** Writes the identity of a new node; the last file written is {@code meta.properties}. */
    private static void format(Path data) {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        Folders.create(data);
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                    .setNodeId(Integer.parseInt(NODE_ID))
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(data.toString())
                    .setMetadataLogDirectory(data.toString())
                    .setControllerListenerName(CONTROLLER)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .run();
        } catch (Exception e) {
            throw new EmbeddedException("'" + data + "' could not be prepared for Kafka", e);
        }
    }

    private static KafkaConfig config(int port, int controllerPort, Path data, KafkaOptions options) {
        String clients = "PLAINTEXT://" + LoopbackPorts.HOST + ":" + port;
        String controller = LoopbackPorts.HOST + ":" + controllerPort;
        Properties properties = new Properties();
        properties.putAll(ONE_SMALL_NODE);
        properties.putAll(Map.of(
                "node.id",
                NODE_ID,
                "controller.quorum.voters",
                NODE_ID + "@" + controller,
                "listeners",
                clients + "," + CONTROLLER + "://" + controller,
                "advertised.listeners",
                clients,
                "log.dirs",
                data.toString()));
        properties.putAll(options.settings());
        return KafkaConfig.fromProps(properties, false);
    }

    private static final Map<String, String> ONE_SMALL_NODE = Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("controller.listener.names", CONTROLLER),
            Map.entry("listener.security.protocol.map", CONTROLLER + ":PLAINTEXT,PLAINTEXT:PLAINTEXT"),
            Map.entry("inter.broker.listener.name", "PLAINTEXT"),
            Map.entry("auto.create.topics.enable", "false"),
            // The defaults ask for three brokers.
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("share.coordinator.state.topic.replication.factor", "1"),
            Map.entry("share.coordinator.state.topic.min.isr", "1"),
            // The defaults make 50 partitions each, and every one costs files and start time.
            Map.entry("offsets.topic.num.partitions", "4"),
            Map.entry("transaction.state.log.num.partitions", "4"),
            Map.entry("share.coordinator.state.topic.num.partitions", "2"),
            // Nobody else is coming: do not wait for more members.
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            // Members of consumer groups that were killed give their partitions back after this long (default: 45 s).
            Map.entry("group.consumer.min.session.timeout.ms", "5000"),
            Map.entry("group.consumer.session.timeout.ms", "6000"),
            Map.entry("group.consumer.min.heartbeat.interval.ms", "1000"),
            Map.entry("group.consumer.heartbeat.interval.ms", "1500"),
            // After kill -9 the node waits until its former self is declared dead, by default 9 s.
            Map.entry("broker.session.timeout.ms", "3000"),
            Map.entry("broker.heartbeat.interval.ms", "500"),
            Map.entry("num.network.threads", "2"),
            Map.entry("num.io.threads", "2"),
            Map.entry("background.threads", "2"),
            Map.entry("num.recovery.threads.per.data.dir", "1"),
            // The default buffer is 128 MiB of heap.
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152"));

    /** What goes into {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return LoopbackPorts.HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    /** Stops the node in order; the data stays. May be called twice. */
    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        lock.close();
    }
}
