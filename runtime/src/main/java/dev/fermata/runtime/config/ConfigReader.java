package dev.fermata.runtime.config;

import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.order.Durations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads typed settings and remembers every problem, so that {@link #finish()} can report them together. A value that does
 * not fit is never repaired; until the end the default stands in for it.
 */
public final class ConfigReader {
    /** Sections of other services in the same file: their own processes check them. */
    private static final Set<String> SERVICE_SECTIONS =
            Set.of("conductor", "supervisor", "worker-analysis", "worker-execution", "client");

    /** Editors end a file with one; it is no part of the secret. */
    private static final Pattern LINE_END = Pattern.compile("\\r?\\n\\z");

    private static final Pattern HTTP_ADDRESS = Pattern.compile("https?://[A-Za-z0-9\\[][^\\s]*");

    private final ConfigSource source;
    private final Set<String> known = new TreeSet<>();
    private final Set<String> ownSections = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> effective = new TreeMap<>();

    public ConfigReader(ConfigSource source) {
        this.source = source;
    }

    public String text(String key, String defaultValue) {
        return value(key, defaultValue, text -> text, "a text");
    }

    /** A text that is not blank, without a default. */
    public String requiredText(String key) {
        if (source.find(key).isEmpty()) {
            known.add(key);
            source.asked(new Setting(key, "a text", "", "", "default"));
            problems.add(key + ": missing (expected: a text; set it in the file or as "
                    + ConfigSource.environmentName(key) + ")");
            return "";
        }
        return value(
                key,
                "",
                text -> {
                    if (text.isBlank()) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                "a text");
    }

    public int integer(String key, int defaultValue, int min, int max) {
        return value(
                key,
                defaultValue,
                text -> {
                    int number = Integer.parseInt(text);
                    if (number < min || number > max) {
                        throw new IllegalArgumentException();
                    }
                    return number;
                },
                "a number from " + min + " to " + max);
    }

    public boolean flag(String key, boolean defaultValue) {
        return value(
                key,
                defaultValue,
                text -> {
                    if (!text.equals("true") && !text.equals("false")) {
                        throw new IllegalArgumentException();
                    }
                    return text.equals("true");
                },
                "true or false");
    }

    /** Zero or more. */
    public Duration duration(String key, Duration defaultValue) {
        return duration(key, defaultValue, Duration.ZERO, "a duration such as 30s");
    }

    public Duration duration(String key, Duration defaultValue, Duration min) {
        return duration(key, defaultValue, min, "a duration of at least " + Durations.format(min) + ", such as 30s");
    }

    private Duration duration(String key, Duration defaultValue, Duration min, String expected) {
        return value(
                key,
                defaultValue,
                text -> {
                    Duration duration = Durations.parse(text);
                    if (duration.compareTo(min) < 0) {
                        throw new IllegalArgumentException();
                    }
                    return duration;
                },
                expected);
    }

    public Path path(String key, Path defaultValue) {
        return value(key, defaultValue, Path::of, "a path");
    }

    /** The address of a server; empty where that is the default. */
    public String httpAddress(String key, String defaultValue) {
        return value(
                key,
                defaultValue,
                text -> {
                    if (!HTTP_ADDRESS.matcher(text).matches()) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                "an address that begins with http:// or https://");
    }

    public String oneOf(String key, String defaultValue, List<String> allowed) {
        return value(
                key,
                defaultValue,
                text -> {
                    if (!allowed.contains(text)) {
                        throw new IllegalArgumentException();
                    }
                    return text;
                },
                "one of " + String.join(", ", allowed));
    }

    /**
     * A secret: from the file that {@code <key>-file} (or the environment variable with _FILE) names, or from the
     * environment. Never from the settings file itself and never from a flag. Where both are given the stronger source
     * wins, as with every other key.
     */
    public Secret secret(String key) {
        Secret secret = optionalSecret(key);
        if (secret.reveal().isEmpty() && problems.stream().noneMatch(problem -> problem.startsWith(key + "-file:"))) {
            problems.add(key + ": missing (expected: " + key + "-file with the path of a file that holds it, or "
                    + ConfigSource.environmentName(key) + ")");
        }
        return secret;
    }

    /** As {@link #secret}, for one that may be missing: then it is empty. */
    public Secret optionalSecret(String key) {
        known.add(key);
        known.add(key + "-file");
        source.asked(new Setting(
                key,
                "a secret: " + key + "-file with the path of a file that holds it alone, or from the environment",
                "",
                "***",
                "secret"));
        refuseInTheOpen(key, ConfigSource.Rank.FILE);
        refuseInTheOpen(key, ConfigSource.Rank.FLAG);
        Optional<ConfigSource.Given> file = source.find(key + "-file");
        Optional<ConfigSource.Given> variable = source.find(key, ConfigSource.Rank.ENVIRONMENT);
        if (file.isPresent() && (variable.isEmpty() || file.get().rank() != ConfigSource.Rank.FILE)) {
            return new Secret(readSecret(key, file.get().value()));
        }
        return new Secret(variable.map(ConfigSource.Given::value).orElse(""));
    }

    private void refuseInTheOpen(String key, ConfigSource.Rank rank) {
        source.find(key, rank)
                .ifPresent(given -> problems.add(key + ": a secret may not stand in " + given.origin() + " (expected: "
                        + key + "-file with the path of a file that holds it, or " + ConfigSource.environmentName(key)
                        + ")"));
    }

    private String readSecret(String key, String name) {
        try {
            Path file = Path.of(name);
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                problems.add(key + "-file: '" + file + "' can be read by everybody (expected: chmod 600 " + file + ")");
            }
            String secret = LINE_END.matcher(Files.readString(file)).replaceFirst("");
            if (secret.isEmpty()) {
                problems.add(key + "-file: '" + file + "' is empty (expected: a file with the secret alone)");
            }
            return secret;
        } catch (IOException | InvalidPathException e) {
            problems.add(key + "-file: '" + name + "' cannot be read (expected: a file with the secret alone)");
            return "";
        }
    }

    /** The names of the sub-sections of a section, such as the targets. Only files and flags can introduce a name. */
    public Set<String> names(String section) {
        Set<String> names = new TreeSet<>();
        for (String key : source.keysWithOrigin().keySet()) {
            if (key.startsWith(section + ".")) {
                names.add(key.substring(section.length() + 1).split("\\.", 2)[0]);
            }
        }
        return names;
    }

    /** Whether a name is one of a target; otherwise a problem is noted and everything below it counts as known. */
    boolean isName(String key, String name) {
        if (name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            return true;
        }
        problems.add(key + ": '" + name + "' (expected: lower case letters, digits and dashes, at most 63)");
        source.keysWithOrigin().keySet().stream()
                .filter(k -> k.startsWith(key + "."))
                .forEach(known::add);
        return false;
    }

    /** Everything below a key, as text by name. */
    public Map<String, String> map(String key) {
        source.asked(new Setting(key + ".<name>", "a text", "", "", "default"));
        Map<String, String> map = new TreeMap<>();
        for (String full : source.keysWithOrigin().keySet()) {
            if (full.startsWith(key + ".")) {
                known.add(full);
                source.find(full).ifPresent(given -> map.put(full.substring(key.length() + 1), given.value()));
            }
        }
        return map;
    }

    /** Says that a service section belongs to this reader, so that unknown keys in it are errors. */
    public ConfigReader owning(String section) {
        ownSections.add(section);
        return this;
    }

    private <T> T value(String key, T defaultValue, Function<String, T> parse, String expected) {
        known.add(key);
        Optional<ConfigSource.Given> given = source.find(key);
        T value = defaultValue;
        try {
            value = given.map(ConfigSource.Given::value).map(parse).orElse(defaultValue);
        } catch (IllegalArgumentException e) {
            ConfigSource.Given wrong = given.orElseThrow();
            problems.add(key + ": '" + wrong.value() + "' (expected: " + expected + "; from " + wrong.origin() + ")");
        }
        effective.put(key, show(value));
        source.asked(new Setting(
                key,
                expected,
                show(defaultValue),
                show(value),
                given.map(ConfigSource.Given::origin).orElse("default")));
        return value;
    }

    private static String show(Object value) {
        return value instanceof Duration duration ? Durations.format(duration) : String.valueOf(value);
    }

    /** Throws {@link ConfigException} with all problems, unknown keys included. */
    public void finish() {
        source.keysWithOrigin().forEach((key, origin) -> {
            if (!known.contains(key) && !belongsToAnother(key)) {
                problems.add(key + ": unknown key (" + nearest(key) + "; from " + origin + ")");
            }
        });
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }

    /** What is in force, for the log at the start. Secrets are not in it. */
    public Map<String, String> effective() {
        return effective;
    }

    private boolean belongsToAnother(String key) {
        String section = key.split("\\.", 2)[0];
        return SERVICE_SECTIONS.contains(section) && !ownSections.contains(section);
    }

    private String nearest(String key) {
        return Nearest.of(key, known)
                .map(candidate -> "did you mean " + candidate + "?")
                .orElse("expected: one of the keys in docs/configuration.md");
    }
}
