package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo rollback}. */
@Command(
        name = "rollback",
        description = "Takes back what a work order has done so far.",
        mixinStandardHelpOptions = true)
final class RollBackOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Parameters(
            paramLabel = "ID",
            converter = OrderRef.Converter.class,
            description = "A work order, or a run of it as ID/TARGET.")
    private OrderRef order = new OrderRef("", null);

    @Option(names = "--target", paramLabel = "NAME", description = "Only the run on this target.")
    private @Nullable String target;

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why, for whoever reads this later.")
    private String reason = "";

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    RollBackOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        ObjectNode body = Json.mapper().createObjectNode().put("reason", reason);
        String which = order.target() == null ? target : order.target();
        if (which != null) {
            body.put("target", which);
        }
        try {
            client.conductor().command(order.id(), "rollback", body);
        } catch (CliException e) {
            throw Refusals.about(order.id(), e);
        }
        spec.commandLine()
                .getErr()
                .println("fermata: the supervisor is asked to roll back; see: fermata wo wait " + order.id());
        spec.commandLine().getErr().flush();
        return ExitCode.DONE.code();
    }
}
