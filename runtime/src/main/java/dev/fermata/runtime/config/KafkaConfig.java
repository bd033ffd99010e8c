package dev.fermata.runtime.config;

/**
 * The broker.
 *
 * @param topicPrefix before every topic, such as {@code fermata.}
 * @param partitions of topics that are created
 * @param replication of topics that are created
 */
public record KafkaConfig(String bootstrapServers, String topicPrefix, int partitions, short replication) {

    static KafkaConfig read(ConfigReader in) {
        return new KafkaConfig(
                in.text("kafka.bootstrap-servers", "127.0.0.1:9092"),
                in.text("kafka.topic-prefix", "fermata."),
                in.integer("kafka.partitions", 6, 1, 1000),
                (short) in.integer("kafka.replication", 1, 1, 15));
    }
}
