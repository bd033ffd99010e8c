package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fermata wo list}. */
@Command(name = "list", description = "Lists work orders, newest first.", mixinStandardHelpOptions = true)
final class ListOrders implements Callable<Integer> {
    private static final int LARGEST_PAGE = 200;
    private static final int LONGEST_WAITING = 60;

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only those with a run in this state, such as soaking.")
    private @Nullable String state;

    @Option(names = "--target", paramLabel = "NAME", description = "Only those with a run on this target.")
    private @Nullable String target;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    ListOrders() {}

    @Override
    public Integer call() throws InterruptedException {
        String path = "/v1/work-orders?limit=" + Math.clamp(limit, 1, LARGEST_PAGE) + parameter("state", state)
                + parameter("target", target);
        List<JsonNode> orders = client.conductor().pages(path, limit);
        output.list(
                spec.commandLine().getOut(), orders, order -> order.path("id").asText(), () -> table(orders));
        if (orders.isEmpty()) {
            spec.commandLine().getErr().println("fermata: no work orders; start one with: fermata wo start FILE");
        }
        return ExitCode.DONE.code();
    }

    private static String parameter(String name, @Nullable String value) {
        return value == null ? "" : "&" + name + "=" + Conductor.encoded(value);
    }

    private static String table(List<JsonNode> orders) {
        Table table = new Table("ID", "STATE", "NAME", "TARGETS", "AUTHOR", "AGE", "WAITS FOR");
        for (JsonNode order : orders) {
            table.row(
                    order.path("id").asText(),
                    Terminal.state(order.path("state").asText()),
                    order.path("name").asText(),
                    String.join(",", order.path("runs").findValuesAsText("target")),
                    order.path("author").asText(),
                    Times.age(order.path("createdAt").asText(), Instant.now()),
                    Plain.shortened(
                            Plain.line(String.join("; ", order.path("runs").findValuesAsText("waitingFor"))),
                            LONGEST_WAITING));
        }
        return table.toString();
    }
}
