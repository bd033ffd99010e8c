package dev.fermata.cli.launcher;

import dev.fermata.runtime.config.ConfigSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -c FILE}: the settings file; FERMATA_CONFIG or {@code fermata.yaml} in the current folder otherwise. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Settings file (default: FERMATA_CONFIG, else fermata.yaml in the current folder).")
    private @Nullable Path file;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "A single setting, such as -Dhttp.port=8090; beats file and environment.")
    private Map<String, String> settings = Map.of();

    /** The file that is meant, empty when there is none. */
    Optional<Path> file() {
        if (file != null) {
            return Optional.of(file);
        }
        String fromEnvironment = System.getenv("FERMATA_CONFIG");
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            return Optional.of(Path.of(fromEnvironment));
        }
        Path here = Path.of("fermata.yaml");
        return Files.exists(here) ? Optional.of(here) : Optional.empty();
    }

    Map<String, String> settings() {
        return settings;
    }

    ConfigSource source() {
        return ConfigSource.of(file(), System.getenv(), settings);
    }
}
