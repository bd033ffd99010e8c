package dev.fermata.cli.client;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fermata wo resume}. */
@Command(
        name = "resume",
        description = "Lets a paused change go on, at full speed or slower.",
        mixinStandardHelpOptions = true)
final class ResumeOrder implements Callable<Integer> {
    @Mixin
    private OperatorOptions asked = new OperatorOptions();

    @Option(
            names = "--speed",
            paramLabel = "PERCENT",
            description = "Percent of full speed, 1 to 100. Full speed by default.")
    private @Nullable Integer speed;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ResumeOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        asked.ask("resume", speed);
        spec.commandLine()
                .getErr()
                .println("fermata: the supervisor is asked to let it go on; see: fermata wo tail " + asked.id());
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
