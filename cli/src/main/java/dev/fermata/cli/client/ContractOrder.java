package dev.fermata.cli.client;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code fermata wo contract}. */
@Command(
        name = "contract",
        description = "Says that the application uses the new names only, so that the old ones can go.",
        mixinStandardHelpOptions = true)
final class ContractOrder implements Callable<Integer> {
    @Mixin
    private OperatorOptions asked = new OperatorOptions();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ContractOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        asked.ask("contract", null);
        spec.commandLine()
                .getErr()
                .println("fermata: the supervisor is asked to contract; see: fermata wo wait " + asked.id());
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
