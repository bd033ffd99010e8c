package dev.fermata.embedded;

import java.util.Map;

/**
 * How the embedded broker runs.
 *
 * @param port where clients connect, or 0 for any free one; may differ from one start to the next on the same data
 * @param settings broker properties that replace ours, such as {@code log.retention.ms}
 */
public record KafkaOptions(int port, Map<String, String> settings) {
    public KafkaOptions {
        PostgresOptions.checkPort(port);
        settings = Map.copyOf(settings);
    }

    /** Any free port, our settings. */
    public static KafkaOptions defaults() {
        return new KafkaOptions(0, Map.of());
    }

    public KafkaOptions withPort(int port) {
        return new KafkaOptions(port, settings);
    }

    public KafkaOptions withSettings(Map<String, String> settings) {
        return new KafkaOptions(port, settings);
    }
}
