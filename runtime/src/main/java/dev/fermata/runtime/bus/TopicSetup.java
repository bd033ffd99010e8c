package dev.fermata.runtime.bus;

import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.config.KafkaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the topics that are missing and checks those that are there. The topics are the record of everything that
 * happened, so none may lose records by age sooner than 30 days, and none may be compacted: no message replaces another.
 */
public final class TopicSetup {
    private static final Logger LOGGER = LoggerFactory.getLogger(TopicSetup.class);
    private static final Duration RETENTION = Duration.ofDays(365);
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private TopicSetup() {}

    /**
     * @return what is wrong with topics that exist already, for people; empty when nothing is
     * @throws BrokerUnavailableException when the broker does not answer in time
     */
    public static List<String> createOrCheck(Admin admin, KafkaConfig config) {
        try {
            Set<String> present = admin.listTopics().names().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            List<String> ours = Arrays.stream(Topic.values())
                    .map(topic -> topic.name(config.topicPrefix()))
                    .toList();
            create(
                    admin,
                    config,
                    ours.stream().filter(t -> !present.contains(t)).toList());
            return check(admin, config, ours.stream().filter(present::contains).toList());
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException(
                    "topics cannot be created or checked at " + config.bootstrapServers(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while creating topics", e);
        }
    }

    private static void create(Admin admin, KafkaConfig config, List<String> missing)
            throws ExecutionException, InterruptedException, TimeoutException {
        for (String topic : missing) {
            NewTopic create = new NewTopic(topic, config.partitions(), config.replication())
                    .configs(Map.of(
                            TopicConfig.RETENTION_MS_CONFIG, Long.toString(RETENTION.toMillis()),
                            TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
                            TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxRecordBytes(config, topic))));
            try {
                admin.createTopics(List.of(create)).all().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                LOGGER.atInfo().addKeyValue("topic", topic).log("topic created");
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) { // another service was quicker
                    throw e;
                }
            }
        }
    }

    private static int maxRecordBytes(KafkaConfig config, String topic) {
        return topic.equals(Topic.DEAD_LETTERS.name(config.topicPrefix()))
                ? KafkaClients.MAX_DEAD_LETTER_BYTES
                : KafkaClients.MAX_RECORD_BYTES;
    }

    private static List<String> check(Admin admin, KafkaConfig config, List<String> present)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<ConfigResource, String> resources = new HashMap<>();
        present.forEach(t -> resources.put(new ConfigResource(ConfigResource.Type.TOPIC, t), t));
        Map<ConfigResource, Config> configs =
                admin.describeConfigs(resources.keySet()).all().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        List<String> problems = new ArrayList<>();
        configs.forEach((resource, found) -> {
            String cleanup = found.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
            if (!cleanup.equals(TopicConfig.CLEANUP_POLICY_DELETE)) {
                problems.add("topic " + resource.name() + ": cleanup.policy is '" + cleanup
                        + "' (expected: delete, as every message must stay readable)");
            }
            long retention =
                    Long.parseLong(found.get(TopicConfig.RETENTION_MS_CONFIG).value());
            if (retention >= 0 && retention < SHORTEST_RETENTION.toMillis()) {
                problems.add("topic " + resource.name() + ": retention.ms is " + retention + " (expected: at least "
                        + SHORTEST_RETENTION.toMillis() + ", 30 days, or -1)");
            }
            int largest = Integer.parseInt(
                    found.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value());
            if (largest < maxRecordBytes(config, resource.name())) {
                problems.add("topic " + resource.name() + ": max.message.bytes is " + largest + " (expected: at least "
                        + maxRecordBytes(config, resource.name()) + ", or a large plan cannot be published)");
            }
        });
        return problems;
    }
}
