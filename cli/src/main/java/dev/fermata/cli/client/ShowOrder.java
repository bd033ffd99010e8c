package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo show}. */
@Command(name = "show", description = "Shows all that is known about work orders.", mixinStandardHelpOptions = true)
final class ShowOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(
            arity = "1..*",
            paramLabel = "ID",
            converter = OrderRef.Converter.class,
            description = "Work orders, or runs of them as ID/TARGET.")
    private List<OrderRef> orders = List.of();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ShowOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        Conductor conductor = client.conductor();
        for (OrderRef ref : orders) {
            ObjectNode order = (ObjectNode) conductor.order(ref.id());
            var runs = order.putArray("runs");
            for (JsonNode run : conductor.runs(ref.id())) {
                if (ref.target() == null
                        || ref.target().equals(run.path("target").asText())) {
                    runs.add(run);
                }
            }
            output.one(spec.commandLine().getOut(), order, ref.id(), () -> OrderPage.of(order));
        }
        return ExitCode.DONE.code();
    }
}
