package dev.fermata.cli.client;

import dev.fermata.contracts.json.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo cancel}. */
@Command(
        name = "cancel",
        description = "Cancels a work order; what has begun is taken back.",
        mixinStandardHelpOptions = true)
final class CancelOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Parameters(paramLabel = "ID", description = "The work order.")
    private String id = "";

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, for whoever reads this later.")
    private String reason = "";

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    CancelOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        try {
            client.conductor()
                    .command(id, "cancel", Json.mapper().createObjectNode().put("reason", reason));
        } catch (CliException e) {
            throw Refusals.about(id, e);
        }
        spec.commandLine().getErr().println("fermata: the supervisor is asked to cancel; see: fermata wo wait " + id);
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
