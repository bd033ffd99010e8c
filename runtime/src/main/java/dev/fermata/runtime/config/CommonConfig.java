package dev.fermata.runtime.config;

import java.util.Map;
import java.util.TreeMap;

/**
 * What every service reads.
 *
 * @param instance tells this process from its siblings, in leases, logs and message sources
 * @param targets the registry, by name
 */
public record CommonConfig(
        String instance, KafkaConfig kafka, ControlConfig control, HttpConfig http, Map<String, TargetConfig> targets) {

    public CommonConfig {
        targets = Map.copyOf(targets);
    }

    /** Reads the sections {@code kafka}, {@code control}, {@code http}, {@code targets} and the key {@code instance}. */
    public static CommonConfig read(ConfigReader in, int defaultHttpPort) {
        Map<String, TargetConfig> targets = new TreeMap<>();
        for (String name : in.names("targets")) {
            if (in.isName("targets." + name, name)) {
                targets.put(name, TargetConfig.read(in, name));
            }
        }
        return new CommonConfig(
                in.text("instance", "local"),
                KafkaConfig.read(in),
                ControlConfig.read(in),
                HttpConfig.read(in, defaultHttpPort),
                targets);
    }
}
