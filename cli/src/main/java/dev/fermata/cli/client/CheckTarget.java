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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata target check}: reads the registry here, as the workers do, and connects by itself. */
@Command(
        name = "check",
        description = "Connects to a target as the workers do and tells what is missing, with the SQL that fixes it.",
        mixinStandardHelpOptions = true)
final class CheckTarget implements Callable<Integer> {
    @Mixin
    private SettingsFile settings = new SettingsFile();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(paramLabel = "NAME", description = "A target of the settings file.")
    private String name = "";

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    CheckTarget() {}

    @Override
    public Integer call() {
        TargetConfig config = target();
        TargetAddress address = new TargetAddress(
                config.name(),
                config.host(),
                config.port(),
                config.database(),
                config.user(),
                Password.of(config.password().reveal()),
                config.environment());
        List<Check> checks;
        try {
            checks = TargetChecks.of(new TargetDatabase(address));
        } catch (TargetException e) {
            throw failed(e);
        }
        output.list(
                spec.commandLine().getOut(),
                checks.stream().map(Check::json).toList(),
                check -> check.path("check").asText(),
                () -> Check.page(checks));
        return (Check.allWell(checks) ? ExitCode.DONE : ExitCode.ERROR).code();
    }

    private TargetConfig target() {
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
                    settings.find().isPresent() ? null : "fermata target check " + name + " -c FILE");
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

    private CliException failed(TargetException e) {
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
