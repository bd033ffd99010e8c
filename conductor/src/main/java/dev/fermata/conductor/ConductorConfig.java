package dev.fermata.conductor;

import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;

/**
 * Every key the conductor reads.
 *
 * @param userHeader header in which a trusted proxy names the authenticated caller; empty where there is no such proxy, and
 *     callers then name themselves
 */
public record ConductorConfig(CommonConfig common, String userHeader) {

    private static final int DEFAULT_PORT = 8080;

    /** Throws {@link dev.fermata.runtime.config.ConfigException} with everything that is wrong. */
    public static ConductorConfig read(ConfigSource source) {
        ConfigReader in = new ConfigReader(source).owning("conductor");
        ConductorConfig config =
                new ConductorConfig(CommonConfig.read(in, DEFAULT_PORT), in.text("conductor.user-header", ""));
        in.finish();
        return config;
    }
}
