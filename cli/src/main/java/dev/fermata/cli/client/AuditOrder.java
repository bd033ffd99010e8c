package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo audit}. */
@Command(
        name = "audit",
        description = "Lists everything that was said about work orders: when, by which service, what.",
        mixinStandardHelpOptions = true)
final class AuditOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(arity = "1..*", paramLabel = "ID", converter = OrderRef.Converter.class, description = "Work orders.")
    private List<OrderRef> orders = List.of();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    AuditOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        Conductor conductor = client.conductor();
        List<JsonNode> events = new ArrayList<>();
        for (OrderRef ref : orders) {
            events.addAll(conductor.pages(TailOrders.audit(ref), Integer.MAX_VALUE));
        }
        output.list(
                spec.commandLine().getOut(), events, event -> event.path("seq").asText(), () -> table(events));
        return ExitCode.DONE.code();
    }

    private static String table(List<JsonNode> events) {
        Table table = new Table("SEQ", "TIME", "SOURCE", "TYPE", "WHAT");
        for (JsonNode event : events) {
            table.row(
                    event.path("seq").asText(),
                    Times.local(event.path("at").asText()),
                    event.path("source").asText(),
                    event.path("type").asText(),
                    Timeline.what(event));
        }
        return table.toString();
    }
}
