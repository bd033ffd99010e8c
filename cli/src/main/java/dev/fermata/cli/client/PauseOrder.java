package dev.fermata.cli.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fermata wo pause}. */
@Command(
        name = "pause",
        description = "Pauses a change that is being executed, at the next point between steps or batches.",
        mixinStandardHelpOptions = true)
final class PauseOrder implements Callable<Integer> {
    @Mixin
    private OperatorOptions asked = new OperatorOptions();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    PauseOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        asked.ask("pause", null);
        spec.commandLine()
                .getErr()
                .println("fermata: the supervisor is asked to pause; go on with: fermata wo resume " + asked.id()
                        + " --reason TEXT");
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
