package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an operator asks of an order: of which run, and why. */
final class OperatorOptions {
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

    /** The order that is meant. */
    String id() {
        return order.id();
    }

    /** Asks the conductor. */
    void ask(String verb, @Nullable Integer percent) throws InterruptedException {
        ObjectNode body = Json.mapper().createObjectNode().put("reason", reason);
        String which = order.target() == null ? target : order.target();
        if (which != null) {
            body.put("target", which);
        }
        if (percent != null) {
            body.put("percent", percent);
        }
        try {
            client.conductor().command(order.id(), verb, body);
        } catch (CliException e) {
            throw Refusals.about(order.id(), e);
        }
    }
}
