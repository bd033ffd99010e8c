package dev.fermata.cli.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fermata wo rollback}. */
@Command(
        name = "rollback",
        description = "Takes back what a work order has done so far, also when it has succeeded.",
        mixinStandardHelpOptions = true)
final class RollBackOrder implements Callable<Integer> {
    @Mixin
    private OperatorOptions asked = new OperatorOptions();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    RollBackOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        asked.ask("rollback", null);
        spec.commandLine()
                .getErr()
                .println("fermata: the supervisor is asked to roll back; see: fermata wo wait " + asked.id());
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
