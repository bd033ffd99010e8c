package dev.fermata.testsupport;

import dev.fermata.embedded.EmbeddedKafka;
import dev.fermata.embedded.KafkaOptions;
import dev.fermata.embedded.LoopbackPorts;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.testcontainers.kafka.KafkaContainer;

/**
 * A real Kafka broker. Topics are not made by using them.
 *
 * <p>{@link #shared} is one broker for all tests of this JVM, stopped when the JVM ends; each test puts a prefix of
 * its own before its topics and groups. Tests that stop the broker take one of their own with {@link #startOwn}.
 */
public final class RealKafka implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Who may stop the broker. */
    private enum Holder {
        JVM,
        CALLER
    }

    private static final class Shared {
        private static final RealKafka KAFKA = start(Holder.JVM);

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(KAFKA.broker::close, "stop shared Kafka"));
        }
    }

    private final Broker broker;
    private final Holder holder;

    private RealKafka(Broker broker, Holder holder) {
        this.broker = broker;
        this.holder = holder;
    }

    /** The broker of this JVM; the first call starts it, about three seconds. Do not close or stop it. */
    public static RealKafka shared() {
        return Shared.KAFKA;
    }

    /** A broker of the caller's own, on one port for all its restarts. Close it. */
    public static RealKafka startOwn() {
        return start(Holder.CALLER);
    }

    private static RealKafka start(Holder holder) {
        return new RealKafka(
                switch (TestBackend.current()) {
                    case EMBEDDED -> Embedded.start();
                    case DOCKER -> Container.start();
                },
                holder);
    }

    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** What no other test puts before its topics and groups, such as {@code t4f2a91c0-}. */
    public String newPrefix() {
        byte[] random = new byte[4];
        RANDOM.nextBytes(random);
        return "t" + HexFormat.of().formatHex(random) + "-";
    }

    /** Stops the broker; clients see it gone. For brokers of one's own. */
    public void stop() {
        requireOwn();
        broker.stop();
    }

    /** Starts the stopped broker again on the same data and port. */
    public void startAgain() {
        requireOwn();
        broker.startAgain();
    }

    /** An outage and its end. */
    public void restart() {
        stop();
        startAgain();
    }

    /** Stops the broker and deletes its data. For brokers of one's own. */
    @Override
    public void close() {
        requireOwn();
        broker.close();
    }

    private void requireOwn() {
        if (holder == Holder.JVM) {
            throw new IllegalStateException("this Kafka is shared by all tests of the JVM; to stop one, take your own "
                    + "with RealKafka.startOwn()");
        }
    }

    private sealed interface Broker extends AutoCloseable {
        String bootstrapServers();

        void stop();

        void startAgain();

        @Override
        void close();
    }

    private static final class Embedded implements Broker {
        private final Path folder;
        private EmbeddedKafka kafka;

        private Embedded(Path folder, EmbeddedKafka kafka) {
            this.folder = folder;
            this.kafka = kafka;
        }

        static Embedded start() {
            Path folder = ServerFolder.create("kafka");
            return new Embedded(folder, EmbeddedKafka.start(folder));
        }

        @Override
        public String bootstrapServers() {
            return kafka.bootstrapServers();
        }

        @Override
        public void stop() {
            kafka.close();
        }

        @Override
        public void startAgain() {
            kafka = EmbeddedKafka.start(folder, KafkaOptions.defaults().withPort(kafka.port()));
        }

        @Override
        public void close() {
            kafka.close();
            ServerFolder.delete(folder);
        }
    }

    private static final class Container implements Broker {
        private static final String IMAGE = "apache/kafka:4.3.1";

        private final KafkaContainer container;

        private Container(KafkaContainer container) {
            this.container = container;
        }

        static Container start() {
            return LoopbackPorts.bindOnFreePort(port -> {
                KafkaContainer container = new KafkaContainer(IMAGE)
                        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
                        .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
                        .withEnv("KAFKA_GROUP_CONSUMER_MIN_SESSION_TIMEOUT_MS", "5000")
                        .withEnv("KAFKA_GROUP_CONSUMER_SESSION_TIMEOUT_MS", "6000")
                        .withEnv("KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS", "1000")
                        .withEnv("KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS", "1500");
                // A given port, because a mapped one changes when the container starts again.
                container.setPortBindings(List.of(LoopbackPorts.HOST + ":" + port + ":9092"));
                container.start();
                return new Container(container);
            });
        }

        @Override
        public String bootstrapServers() {
            return container.getBootstrapServers();
        }

        @Override
        public void stop() {
            container
                    .getDockerClient()
                    .stopContainerCmd(container.getContainerId())
                    .exec();
        }

        @Override
        public void startAgain() {
            container
                    .getDockerClient()
                    .startContainerCmd(container.getContainerId())
                    .exec();
        }

        @Override
        public void close() {
            container.stop();
        }
    }
}
