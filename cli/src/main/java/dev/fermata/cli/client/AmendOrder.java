package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.order.WorkOrderFile;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo amend}. */
@Command(
        name = "amend",
        description = "Gives a work order its next revision; its analysis begins again.",
        mixinStandardHelpOptions = true)
final class AmendOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(index = "0", paramLabel = "ID", description = "The work order.")
    private String id = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "The whole work order file as it shall be.")
    private String file = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Fills in a placeholder of a template.")
    private Map<String, String> values = Map.of();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    AmendOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        String document = WorkOrderFile.toMarkdown(new OrderFiles(client.settings(), client.name()).read(file, values));
        JsonNode amended;
        try {
            amended = client.conductor().amend(id, document);
        } catch (CliException e) {
            throw Refusals.about(id, e);
        }
        output.one(
                spec.commandLine().getOut(),
                amended,
                id,
                () -> id + " revision " + amended.path("revision").asInt());
        return ExitCode.DONE.code();
    }
}
