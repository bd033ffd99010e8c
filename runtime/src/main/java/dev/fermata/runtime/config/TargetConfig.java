package dev.fermata.runtime.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A target of the registry.
 *
 * @param environment such as {@code production}, {@code staging}, {@code development}; policy looks at it
 * @param user logs in; owns the objects that are changed, or is a member of {@code role}; not a superuser
 * @param role owns the objects that are changed, and what is made; null: the user itself
 * @param probes name to SQL: checks of the application's health that go with this target
 */
public record TargetConfig(
        String name,
        String host,
        int port,
        String database,
        String user,
        @Nullable String role,
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
        String role = in.text(at + "role", "");
        return new TargetConfig(
                name,
                in.text(at + "host", "127.0.0.1"),
                in.integer(at + "port", 5432, 1, 65_535),
                in.requiredText(at + "database"),
                in.requiredText(at + "user"),
                role.isEmpty() ? null : role,
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
