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
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The settings as they were given, before anybody knows what they mean: dotted keys to text with their origin. Later
 * sources win: file, environment, flags.
 */
public final class ConfigSource {
    /** From the weakest to the strongest. */
    enum Rank {
        FILE,
        ENVIRONMENT,
        FLAG
    }

    /** One setting and where it came from, for messages. */
    record Given(String value, Rank rank, String origin) {}

    private static final String ENVIRONMENT_PREFIX = "FERMATA_";
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final Map<String, Given> file;
    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final Consumer<Setting> observer;

    private ConfigSource(
            Map<String, Given> file,
            Map<String, String> environment,
            Map<String, String> flags,
            Consumer<Setting> observer) {
        this.file = file;
        this.environment = environment;
        this.flags = flags;
        this.observer = observer;
    }

    /**
     * @param file a YAML file, or empty for none
     * @param environment all of it; only names that begin with FERMATA_ are looked at
     * @param flags dotted keys as given on the command line
     */
    public static ConfigSource of(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        Map<String, Given> fromFile = new TreeMap<>();
        file.ifPresent(path -> flatten("", read(path), path.toString(), fromFile));
        return new ConfigSource(fromFile, Map.copyOf(environment), Map.copyOf(flags), setting -> {});
    }

    /** The same settings; every one that is asked for is told, in the order of asking. */
    public ConfigSource observedBy(Consumer<Setting> newObserver) {
        return new ConfigSource(file, environment, flags, newObserver);
    }

    void asked(Setting setting) {
        observer.accept(setting);
    }

    private static JsonNode read(Path path) {
        try {
            JsonNode root = YAML.readTree(Files.readString(path));
            if (!root.isObject() && !root.isNull() && !root.isMissingNode()) {
                throw new ConfigException(List.of(path + ": not a mapping (expected: keys with values)"));
            }
            return root;
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
            node.properties()
                    .forEach(e ->
                            flatten(key.isEmpty() ? e.getKey() : key + "." + e.getKey(), e.getValue(), origin, into));
        } else if (node.isArray()) {
            String joined = node.valueStream().map(JsonNode::asText).collect(Collectors.joining(","));
            into.put(key, new Given(joined, Rank.FILE, origin));
        } else if (!node.isNull() && !node.isMissingNode()) {
            into.put(key, new Given(node.asText(), Rank.FILE, origin));
        }
    }

    /** The winning value of a key. */
    Optional<Given> find(String key) {
        return find(key, Rank.FLAG).or(() -> find(key, Rank.ENVIRONMENT)).or(() -> find(key, Rank.FILE));
    }

    /** What one kind of source says about a key. */
    Optional<Given> find(String key, Rank rank) {
        String variable = environmentName(key);
        return switch (rank) {
            case FLAG -> Optional.ofNullable(flags.get(key)).map(value -> new Given(value, rank, "flag --" + key));
            case ENVIRONMENT ->
                Optional.ofNullable(environment.get(variable))
                        .map(value -> new Given(value, rank, "environment variable " + variable));
            case FILE -> Optional.ofNullable(file.get(key));
        };
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
