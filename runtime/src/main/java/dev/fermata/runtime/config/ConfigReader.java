package dev.fermata.runtime.config;

import dev.fermata.contracts.order.Durations;
import java.io.IOException;
import java.nio.file.Files;
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

/**
 * Reads typed settings and remembers every problem, so that {@link #finish()} can report them together. A value that does
 * not fit is never repaired; until the end the default stands in for it.
 */
public final class ConfigReader {
    /** Sections of other services in the same file: their own processes check them. */
    private static final Set<String> SERVICE_SECTIONS =
            Set.of("conductor", "supervisor", "worker-analysis", "worker-execution", "client");

    private static final int NEAREST_DISTANCE = 4;

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

    public String requiredText(String key) {
        if (source.find(key).isEmpty()) {
            problems.add(key + ": missing (expected: a text; set it in the file or as "
                    + ConfigSource.environmentName(key) + ")");
        }
        return text(key, "");
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

    public Duration duration(String key, Duration defaultValue) {
        return value(key, defaultValue, Durations::parse, "a duration such as 30s");
    }

    public Path path(String key, Path defaultValue) {
        return value(key, defaultValue, Path::of, "a path");
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
     * environment. Never from the settings file itself and never from a flag.
     */
    public Secret secret(String key) {
        known.add(key + "-file");
        Optional<ConfigSource.Given> fileName = source.find(key + "-file");
        if (fileName.isPresent()) {
            return new Secret(readSecret(key, Path.of(fileName.get().value())));
        }
        Optional<ConfigSource.Given> given = source.find(key);
        if (given.isPresent() && given.get().origin().startsWith("environment")) {
            return new Secret(given.get().value());
        }
        if (given.isPresent()) {
            known.add(key);
            problems.add(key + ": a secret may not stand in " + given.get().origin() + " (expected: " + key
                    + "-file with the path of a file that holds it, or " + ConfigSource.environmentName(key) + ")");
        } else {
            problems.add(key + ": missing (expected: " + key + "-file with the path of a file that holds it, or "
                    + ConfigSource.environmentName(key) + ")");
        }
        return new Secret("");
    }

    private String readSecret(String key, Path file) {
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                problems.add(key + "-file: '" + file + "' can be read by everybody (expected: chmod 600 " + file + ")");
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            problems.add(key + "-file: '" + file + "' cannot be read (expected: a file with the secret alone)");
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
        source.keysWithOrigin().keySet().stream().filter(k -> k.startsWith(key + ".")).forEach(known::add);
        return false;
    }

    /** Everything below a key, as text by name. */
    public Map<String, String> map(String key) {
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
        if (given.isEmpty()) {
            effective.put(key, String.valueOf(defaultValue));
            return defaultValue;
        }
        try {
            T value = parse.apply(given.get().value());
            effective.put(key, String.valueOf(value));
            return value;
        } catch (IllegalArgumentException e) {
            problems.add(key + ": '" + given.get().value() + "' (expected: " + expected + "; from "
                    + given.get().origin() + ")");
            return defaultValue;
        }
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
        return known.stream()
                .filter(candidate -> distance(candidate, key) <= NEAREST_DISTANCE)
                .min((a, b) -> Integer.compare(distance(a, key), distance(b, key)))
                .map(candidate -> "did you mean " + candidate + "?")
                .orElse("expected: one of the keys in docs/configuration.md");
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
