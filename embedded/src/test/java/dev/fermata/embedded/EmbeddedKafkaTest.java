package dev.fermata.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedKafkaTest {
    @TempDir
    Path folder;

    @Test
    void topicsAreThereAfterARestartOnAnotherPort() throws Exception {
        int firstPort;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder);
                Admin admin = admin(kafka)) {
            firstPort = kafka.port();
            admin.createTopics(Set.of(new NewTopic("orders", 3, (short) 1)))
                    .all()
                    .get();
        }
        int otherPort = LoopbackPorts.free();
        try (EmbeddedKafka kafka =
                        EmbeddedKafka.start(folder, KafkaOptions.defaults().withPort(otherPort));
                Admin admin = admin(kafka)) {
            assertThat(kafka.bootstrapServers())
                    .isEqualTo("127.0.0.1:" + otherPort)
                    .doesNotEndWith(":" + firstPort);
            assertThat(admin.listTopics().names().get()).contains("orders");
        }
    }

    @Test
    void aPortThatIsTakenIsNamedAndTheFolderStaysUsable() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            KafkaOptions options = KafkaOptions.defaults().withPort(taken.getLocalPort());
            assertThatThrownBy(() -> EmbeddedKafka.start(folder, options))
                    .isInstanceOf(EmbeddedException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort() + ": the port is taken");
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder);
                Admin admin = admin(kafka)) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    @Test
    void aFolderInUseIsRefused() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
            assertThatThrownBy(() -> EmbeddedKafka.start(folder))
                    .isInstanceOf(EmbeddedException.class)
                    .hasMessageContaining("in use by process");
            assertThat(kafka.port()).isPositive();
        }
    }

    @Test
    void aPortLostBetweenChoosingAndBindingIsReplaced() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int[] attempts = {0};
            int bound = LoopbackPorts.bindOnFreePort(port -> bind(attempts[0]++ == 0 ? taken.getLocalPort() : port));
            assertThat(attempts[0]).isEqualTo(2);
            assertThat(bound).isNotEqualTo(taken.getLocalPort());
        }
    }

    private static int bind(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new EmbeddedException("not bound", e);
        }
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }
}
