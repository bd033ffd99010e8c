package dev.fermata.runtime.config;

import java.util.List;
import java.util.Map;

/**
 * A target of the registry.
 *
 * @param environment such as {@code production}, {@code staging}, {@code development}; policy looks at it
 * @param user owns the objects that are changed, or is a member of their owner; not a superuser
 * @param probes name to SQL: checks of the application's health that go with this target
 */
public record TargetConfig(
        String name,
        String host,
        int port,
        String database,
        String user,
        Secret password,
        String environment,
        Map<String, String> probes,
        Map<String, String> labels) {

    private static final List<String> ENVIRONMENTS = List.of("production", "staging", "development", "test");

    public TargetConfig {
        probes = Map.copyOf(probes);
        labels = Map.copyOf(labels);
    }

    static TargetConfig read(ConfigReader in, String name) {
        String at = "targets." + name + ".";
        return new TargetConfig(
                name,
                in.text(at + "host", "127.0.0.1"),
                in.integer(at + "port", 5432, 1, 65_535),
                in.requiredText(at + "database"),
                in.requiredText(at + "user"),
                in.secret(at + "password"),
                in.oneOf(at + "environment", "production", ENVIRONMENTS),
                in.map(at + "probes"),
                in.map(at + "labels"));
    }

    /** Without credentials. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    public boolean isProduction() {
        return environment.equals("production");
    }
}
