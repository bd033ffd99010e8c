package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What {@code fermata up} leaves in its folder as long as it runs, for the commands that are given beside it. */
final class UpFile {
    static final Path PATH = Path.of(".fermata", "up.json");

    private UpFile() {}

    /** Empty where nothing runs here, or it cannot be read. */
    private static Optional<JsonNode> read() {
        try {
            return Files.isReadable(PATH)
                    ? Optional.of(Json.mapper().readTree(Files.readString(PATH)))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // it is just being removed; without it the defaults hold
        }
    }

    /** The address of the conductor. */
    static Optional<String> url() {
        return read().map(up -> up.path("url").asText());
    }

    /** Targets that are in no settings file, such as the sample one. */
    static Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        read().ifPresent(up -> up.path("settings")
                .properties()
                .forEach(entry -> settings.put(entry.getKey(), entry.getValue().asText())));
        return settings;
    }
}
