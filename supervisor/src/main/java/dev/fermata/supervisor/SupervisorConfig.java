package dev.fermata.supervisor;

import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.supervisor.run.Settings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Every key the supervisor reads.
 *
 * @param probeEvery time between two looks at an application
 * @param probeHosts that HTTP probes may ask, by name or address
 */
public record SupervisorConfig(CommonConfig common, Settings decisions, Duration probeEvery, List<String> probeHosts) {

    public SupervisorConfig {
        probeHosts = List.copyOf(probeHosts);
    }

    private static final int DEFAULT_PORT = 8083;

    /** Throws {@link dev.fermata.runtime.config.ConfigException} with everything that is wrong. */
    public static SupervisorConfig read(ConfigSource source) {
        ConfigReader in = new ConfigReader(source).owning("supervisor");
        SupervisorConfig config = new SupervisorConfig(
                CommonConfig.read(in, DEFAULT_PORT),
                new Settings(
                        in.duration("supervisor.analysis-within", Duration.ofMinutes(5), Duration.ofSeconds(1)),
                        in.duration("supervisor.silence", Duration.ofSeconds(15), Duration.ofSeconds(1)),
                        in.integer("supervisor.tries", 3, 1, 100),
                        in.duration("supervisor.approval-within", Duration.ofHours(24), Duration.ofSeconds(1)),
                        in.duration("supervisor.approval-within-elsewhere", Duration.ofDays(7), Duration.ofSeconds(1)),
                        in.integer("supervisor.probe-failures", 3, 1, 1000),
                        list(in.text("supervisor.self-approval", "development,test"))),
                in.duration("supervisor.probe-every", Duration.ofSeconds(1), Duration.ofMillis(100)),
                list(in.text("supervisor.probe-hosts", "127.0.0.1,localhost")));
        in.finish();
        return config;
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }
}
