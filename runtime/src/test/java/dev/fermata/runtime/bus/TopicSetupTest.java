package dev.fermata.runtime.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.TestBench;
import dev.fermata.runtime.config.KafkaConfig;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TopicSetupTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void createsEveryTopicToKeepItsRecordsForAYear() throws Exception {
        Admin admin = bench.admin();
        assertThat(TopicSetup.createOrCheck(admin, bench.config().kafka())).isEmpty();
        assertThat(TopicSetup.createOrCheck(admin, bench.config().kafka()))
                .as("again")
                .isEmpty();
        for (Topic topic : Topic.values()) {
            String name = topic.name(bench.config().kafka().topicPrefix());
            await().ignoreExceptionsMatching(e -> e.getCause() instanceof UnknownTopicOrPartitionException)
                    .untilAsserted(
                            () -> assertThat(partitions(name)).as(name).isEqualTo(3)); // brokers learn of it later
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
            var settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(settings.get("retention.ms").value()).isEqualTo("31536000000");
            assertThat(settings.get("cleanup.policy").value()).isEqualTo("delete");
            assertThat(Integer.parseInt(settings.get("max.message.bytes").value()))
                    .isGreaterThanOrEqualTo(4 << 20);
        }
    }

    private int partitions(String topic) throws Exception {
        return bench.admin()
                .describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }

    @Test
    void saysWhatIsWrongWithATopicThatIsThereAlready() throws Exception {
        Admin admin = bench.admin();
        String name = Topic.IMPACT.name(bench.config().kafka().topicPrefix());
        admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)
                        .configs(Map.of("cleanup.policy", "compact", "retention.ms", "3600000"))))
                .all()
                .get();
        await("brokers learn of it later")
                .until(() -> admin.listTopics().names().get().contains(name));
        assertThat(TopicSetup.createOrCheck(admin, bench.config().kafka()))
                .containsExactlyInAnyOrder(
                        "topic " + name + ": cleanup.policy is 'compact' (expected: delete, as every message must stay"
                                + " readable)",
                        "topic " + name + ": retention.ms is 3600000 (expected: at least 2592000000, 30 days, or -1)",
                        "topic " + name + ": max.message.bytes is 1048588 (expected: at least 4194304, or a large plan"
                                + " cannot be published)");
    }

    @Test
    void twoServicesThatStartTogetherDoNotDisturbEachOther() throws Exception {
        try (Admin another = KafkaClients.admin(bench.config().kafka(), "another")) {
            var other = java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> TopicSetup.createOrCheck(another, bench.config().kafka()));
            assertThat(TopicSetup.createOrCheck(bench.admin(), bench.config().kafka()))
                    .isEmpty();
            assertThat(other.get()).isEmpty();
        }
    }

    @Test
    void namesTheBrokerThatDoesNotAnswer() {
        KafkaConfig nobody = new KafkaConfig("127.0.0.1:1", "x.", 1, (short) 1);
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, nobody.bootstrapServers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 1000,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 1000))) {
            assertThatThrownBy(() -> TopicSetup.createOrCheck(admin, nobody))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessage("topics cannot be created or checked at 127.0.0.1:1");
        }
    }
}
