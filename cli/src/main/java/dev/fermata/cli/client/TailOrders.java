package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo tail}. */
@Command(
        name = "tail",
        description = {
            "Prints what happens, a line for each event, until every order named has ended.",
            "Without an ID: what happens to all orders from now on."
        },
        mixinStandardHelpOptions = true)
final class TailOrders implements Callable<Integer> {
    private static final int AUDIT_PAGE = 1000;

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(
            arity = "0..*",
            paramLabel = "ID",
            converter = OrderRef.Converter.class,
            description = "Work orders, or runs of them as ID/TARGET.")
    private List<OrderRef> orders = List.of();

    @Option(names = "--no-follow", description = "Ends after what has happened so far.")
    private boolean noFollow;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "Only events of this type, such as StepCompleted; may be repeated.")
    private Set<String> types = Set.of();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    TailOrders() {}

    @Override
    public Integer call() throws InterruptedException {
        if (output.format() == OutputOption.Format.YAML || output.format() == OutputOption.Format.ID) {
            throw new ParameterException(spec.commandLine(), "-o: events come as table, jsonl or json only");
        }
        Conductor conductor = client.conductor();
        if (noFollow) {
            if (orders.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "--no-follow: needs the ID of an order");
            }
            for (OrderRef ref : orders) {
                conductor.pages(audit(ref), Integer.MAX_VALUE).forEach(event -> print(event, ref.target()));
            }
        } else if (orders.size() == 1) {
            OrderRef ref = orders.getFirst();
            conductor.follow(ref.id(), 0L, event -> print(event, ref.target()) && !isEnd(event));
        } else {
            followSeveral(conductor);
        }
        return ExitCode.DONE.code();
    }

    static String audit(OrderRef ref) {
        return "/v1/work-orders/" + Conductor.encoded(ref.id()) + "/audit?limit=" + AUDIT_PAGE;
    }

    /** All orders are listened to, and those that are meant picked out, so that their events come in one order. */
    private void followSeveral(Conductor conductor) throws InterruptedException {
        Set<String> open = orders.stream().map(OrderRef::id).collect(Collectors.toCollection(TreeSet::new));
        for (String id : open) {
            JsonNode unused = conductor.order(id); // says so where there is none
        }
        boolean all = open.isEmpty();
        conductor.follow(null, all ? null : 0L, event -> {
            if (all || open.contains(event.path("workOrderId").asText())) {
                boolean unused = print(event, null);
            }
            if (!all && isEnd(event)) {
                open.remove(event.path("workOrderId").asText());
            }
            return all || !open.isEmpty();
        });
    }

    private static boolean isEnd(JsonNode event) {
        return event.path("type").asText().equals("WorkOrderEnded");
    }

    /** Always true. */
    private boolean print(JsonNode event, @Nullable String target) {
        String run = event.path("runId").asText();
        boolean meant = target == null || run.isEmpty() || run.endsWith("/" + target);
        if (meant && (types.isEmpty() || types.contains(event.path("type").asText()))) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(output.format() == OutputOption.Format.TABLE ? Timeline.line(event) : event.toString());
            out.flush();
        }
        return true;
    }
}
