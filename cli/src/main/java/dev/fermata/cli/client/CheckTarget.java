package dev.fermata.cli.client;

import dev.fermata.postgres.targets.TargetException;
import java.util.List;
import java.util.concurrent.Callable;
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
        RegisteredTarget target = new RegisteredTarget(settings, name, "fermata target check " + name);
        List<Check> checks;
        try {
            checks = TargetChecks.of(target.database());
        } catch (TargetException e) {
            throw target.failed(e);
        }
        output.list(
                spec.commandLine().getOut(),
                checks.stream().map(Check::json).toList(),
                check -> check.path("check").asText(),
                () -> Check.page(checks));
        return (Check.allWell(checks) ? ExitCode.DONE : ExitCode.ERROR).code();
    }
}
