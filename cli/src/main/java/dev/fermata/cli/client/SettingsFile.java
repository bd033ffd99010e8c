package dev.fermata.cli.client;

import dev.fermata.runtime.config.ConfigSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -c FILE}: the settings file; FERMATA_CONFIG or {@code fermata.yaml} in the current folder otherwise. */
public final class SettingsFile {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Settings file (default: FERMATA_CONFIG, else fermata.yaml in the current folder).")
    private @Nullable Path file;

    /** The file that is meant, empty when there is none. */
    Optional<Path> find() {
        if (file != null) {
            return Optional.of(file);
        }
        String named = System.getenv("FERMATA_CONFIG");
        if (named != null && !named.isBlank()) {
            return Optional.of(Path.of(named));
        }
        Path here = Path.of("fermata.yaml");
        return Files.exists(here) ? Optional.of(here) : Optional.empty();
    }

    /** Without a file, what runs in this folder says which targets there are. */
    ConfigSource source() {
        Optional<Path> found = find();
        return ConfigSource.of(found, System.getenv(), found.isPresent() ? Map.of() : UpFile.settings());
    }
}
