package dev.fermata.cli.client;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Nearest;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import dev.fermata.postgres.targets.TargetFailures;
import dev.fermata.runtime.config.CommonConfig;
import dev.fermata.runtime.config.ConfigException;
import dev.fermata.runtime.config.ConfigReader;
import dev.fermata.runtime.config.TargetConfig;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A target of the settings file, for commands that connect by themselves as the workers do. */
public final class RegisteredTarget {
    private final SettingsFile settings;
    private final String name;
    private final String command;

    /**
     * @param name as in the settings
     * @param command that would work with a settings file: {@code fermata target check shop}
     */
    public RegisteredTarget(SettingsFile settings, String name, String command) {
        this.settings = settings;
        this.name = name;
        this.command = command;
    }

    /**
     * Where it is.
     *
     * @throws CliException if there is none of that name
     * @throws ConfigException if its settings are wrong
     */
    public TargetDatabase database() {
        TargetConfig config = config();
        return new TargetDatabase(new TargetAddress(
                config.name(),
                config.host(),
                config.port(),
                config.database(),
                config.user(),
                Password.of(config.password().reveal()),
                config.environment(),
                config.role()));
    }

    private TargetConfig config() {
        ConfigReader reader = new ConfigReader(settings.source());
        var targets = CommonConfig.read(reader, 0).targets();
        TargetConfig target = targets.get(name);
        String key = "targets." + name + ".";
        List<String> problems =
                problems(reader).stream().filter(p -> p.startsWith(key)).toList();
        if (target == null) {
            throw new CliException(
                    ExitCode.NOT_FOUND,
                    "unknown-target",
                    "target '" + name + "' is not in "
                            + settings.find()
                                    .map(file -> "'" + file + "'")
                                    .orElse("the settings; there is no fermata.yaml here"),
                    hint(new TreeSet<>(targets.keySet())),
                    settings.find().isPresent() ? null : command + " -c FILE");
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return target;
    }

    private List<String> hint(TreeSet<String> known) {
        if (known.isEmpty()) {
            return List.of();
        }
        return List.of(Nearest.of(name, known)
                .map(near -> "did you mean '" + near + "'?")
                .orElse("it has " + String.join(", ", known)));
    }

    /** Everything that is wrong with the settings; what is not about the target does not matter here. */
    private static List<String> problems(ConfigReader reader) {
        try {
            reader.finish();
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }

    /** For people: why it cannot be worked with, and what to do. */
    public CliException failed(TargetException e) {
        Failure failure = TargetFailures.of(e);
        return new CliException(ExitCode.ERROR, failure.code(), failure.message(), List.of(), next(failure.code()));
    }

    private @Nullable String next(String code) {
        return switch (code) {
            case "target-refuses-login" -> "check targets." + name + ".user and the file of its password";
            case "target-unreachable", "target-database-missing" ->
                "check targets." + name + ".host, .port and .database";
            default -> null;
        };
    }
}
