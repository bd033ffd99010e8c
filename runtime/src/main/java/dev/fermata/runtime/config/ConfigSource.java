package dev.fermata.runtime.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The settings as they were given, before anybody knows what they mean: dotted keys to text with their origin. Later
 * sources win: file, environment, flags.
 */
public final class ConfigSource {
    /** One setting and where it came from, for messages. */
    record Given(String value, String origin) {}

    private static final String ENVIRONMENT_PREFIX = "FERMATA_";
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final Map<String, Given> file;
    private final Map<String, String> environment;
    private final Map<String, String> flags;

    private ConfigSource(Map<String, Given> file, Map<String, String> environment, Map<String, String> flags) {
        this.file = file;
        this.environment = environment;
        this.flags = flags;
    }

    /**
     * @param file a YAML file, or empty for none
     * @param environment all of it; only names that begin with FERMATA_ are looked at
     * @param flags dotted keys as given on the command line
     */
    public static ConfigSource of(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        Map<String, Given> fromFile = new TreeMap<>();
        file.ifPresent(path -> flatten("", read(path), path.toString(), fromFile));
        return new ConfigSource(fromFile, Map.copyOf(environment), Map.copyOf(flags));
    }

    private static JsonNode read(Path path) {
        try {
            return YAML.readTree(Files.readString(path));
        } catch (JsonProcessingException e) {
            String at = e.getLocation() == null
                    ? ""
                    : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
            throw new ConfigException(List.of(path + at + ": not YAML: "
                    + e.getOriginalMessage().lines().findFirst().orElse("")));
        } catch (IOException e) {
            throw new ConfigException(List.of(path + ": cannot be read: " + e.getMessage()));
        }
    }

    private static void flatten(String key, JsonNode node, String origin, Map<String, Given> into) {
        if (node.isObject()) {
            node.properties().forEach(e ->
                    flatten(key.isEmpty() ? e.getKey() : key + "." + e.getKey(), e.getValue(), origin, into));
        } else if (node.isArray()) {
            String joined = node.valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
            into.put(key, new Given(joined, origin));
        } else if (!node.isNull() && !node.isMissingNode()) {
            into.put(key, new Given(node.asText(), origin));
        }
    }

    /** The winning value of a key. */
    Optional<Given> find(String key) {
        if (flags.containsKey(key)) {
            return Optional.of(new Given(flags.getOrDefault(key, ""), "flag --" + key));
        }
        String variable = environmentName(key);
        String fromEnvironment = environment.get(variable);
        if (fromEnvironment != null) {
            return Optional.of(new Given(fromEnvironment, "environment variable " + variable));
        }
        return Optional.ofNullable(file.get(key));
    }

    /** Keys of the file and the flags; the environment holds too much of other programs to be checked. */
    Map<String, String> keysWithOrigin() {
        Map<String, String> keys = new TreeMap<>();
        file.forEach((key, given) -> keys.put(key, given.origin()));
        flags.keySet().forEach(key -> keys.put(key, "flag --" + key));
        return keys;
    }

    /** {@code kafka.bootstrap-servers} is {@code FERMATA_KAFKA_BOOTSTRAP_SERVERS}. */
    static String environmentName(String key) {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
