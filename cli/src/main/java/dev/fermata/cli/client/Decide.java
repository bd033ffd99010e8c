package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo approve}, {@code reject} and {@code request-changes}: answers that name what was reviewed. */
abstract sealed class Decide implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Parameters(
            paramLabel = "ID",
            converter = OrderRef.Converter.class,
            description = "A work order, or a run of it as ID/TARGET.")
    private OrderRef order = new OrderRef("", null);

    @Option(
            names = "--digest",
            required = true,
            paramLabel = "DIGEST",
            description = "Of the plan that you reviewed, as 'fermata wo plan' shows it.")
    private String digest = "";

    @Option(names = "--target", paramLabel = "NAME", description = "Which run, where several have the same plan.")
    private @Nullable String target;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    private Decide() {}

    /** Yes. */
    @Command(
            name = "approve",
            description = "Approves exactly the plan of this digest.",
            mixinStandardHelpOptions = true)
    static final class Approve extends Decide {
        @Option(
                names = {"-m", "--message"},
                paramLabel = "TEXT",
                description = "Why, for the audit trail.")
        private @Nullable String message;

        @Override
        public Integer call() throws InterruptedException {
            return decide("approve", message);
        }
    }

    /** No. */
    @Command(
            name = "reject",
            description = "Ends the order: this change will not happen.",
            mixinStandardHelpOptions = true)
    static final class Reject extends Decide {
        @Option(
                names = {"-m", "--message"},
                required = true,
                paramLabel = "TEXT",
                description = "Why, for the author.")
        private String message = "";

        @Override
        public Integer call() throws InterruptedException {
            return decide("reject", message);
        }
    }

    /** Not like this. */
    @Command(
            name = "request-changes",
            description = "Hands the order back to its author, to be amended.",
            mixinStandardHelpOptions = true)
    static final class RequestChanges extends Decide {
        @Option(
                names = {"-m", "--message"},
                required = true,
                paramLabel = "TEXT",
                description = "What is to be changed, for the author.")
        private String message = "";

        @Override
        public Integer call() throws InterruptedException {
            return decide("request-changes", message);
        }
    }

    Integer decide(String decision, @Nullable String message) throws InterruptedException {
        Conductor conductor = client.conductor();
        ObjectNode body = Json.mapper().createObjectNode();
        body.put("decision", decision).put("digest", digest);
        if (message != null) {
            body.put("comment", message);
        }
        String which = order.target() == null ? target : order.target();
        if (which != null) {
            body.put("target", which);
        }
        long before = lastEvent(conductor);
        JsonNode accepted;
        try {
            accepted = conductor.command(order.id(), "decisions", body);
        } catch (CliException e) {
            throw Refusals.about(order.id(), e);
        }
        String run = order.id() + "/" + accepted.path("target").asText();
        awaitAnswer(conductor, run, before);
        return ExitCode.DONE.code();
    }

    private long lastEvent(Conductor conductor) throws InterruptedException {
        List<JsonNode> events = conductor.pages(TailOrders.audit(order), Integer.MAX_VALUE);
        return events.isEmpty() ? 0 : events.getLast().path("seq").asLong();
    }

    /** The supervisor has the last word about an answer; it comes within moments, or is not waited for. */
    private void awaitAnswer(Conductor conductor, String run, long before) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        long deadline = System.nanoTime() + ANSWER.toNanos();
        while (System.nanoTime() < deadline) {
            for (JsonNode event : conductor.pages(TailOrders.audit(order) + "&after=" + before, Integer.MAX_VALUE)) {
                if (!event.path("runId").asText().equals(run)) {
                    continue;
                }
                String type = event.path("type").asText();
                if (type.equals("DecisionRefused")) {
                    throw refused(event.path("data"));
                } else if (type.equals("RunStateChanged")) {
                    err.println("fermata: " + Timeline.what(event));
                    err.flush();
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
        }
        err.println("fermata: the answer is on its way; the supervisor has not taken it up yet: fermata wo show "
                + order.id());
        err.flush();
    }

    private CliException refused(JsonNode data) {
        String code = data.path("code").asText();
        ExitCode exit =
                code.equals("self-approval") || code.equals("not-allowed") ? ExitCode.NOT_ALLOWED : ExitCode.CONFLICT;
        return new CliException(exit, code, data.path("message").asText(), List.of(), "fermata wo show " + order.id());
    }
}
