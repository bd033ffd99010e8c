package dev.fermata.cli.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.cli.client.OutcomeTable;
import dev.fermata.cli.client.Timeline;
import dev.fermata.cli.launcher.DemoOrders.DemoOrder;
import dev.fermata.cli.launcher.DemoOrders.Disturbance;
import dev.fermata.contracts.run.RunState;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code fermata demo}: six orders on a sample shop under load, two of them with the worker killed in the middle. */
@Command(
        name = "demo",
        description = "Runs sample orders on a sample shop under load and shows what becomes of each.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    private static final Duration PER_ORDER = Duration.ofMinutes(2);

    /** Message types that make a timeline long without making it clearer. */
    private static final Set<String> NOT_SHOWN = Set.of("StepProgressed");

    @Option(names = "--data", paramLabel = "DIR", description = "Where everything is put (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".fermata", "demo");

    @Option(names = "--keep", description = "Stay up afterwards, to look around with a Kafka or PostgreSQL client.")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public DemoCommand() {}

    /** What became of an order. */
    private record Ended(DemoOrder order, JsonNode run, Duration took) {
        RunState state() {
            for (RunState state : RunState.values()) {
                if (state.wire().equals(run.path("state").asText())) {
                    return state;
                }
            }
            throw new IllegalStateException("unknown state " + run.path("state"));
        }

        boolean expected() {
            return state() == order.expected();
        }
    }

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        Path folder = data.toAbsolutePath();
        Files.createDirectories(folder.resolveSibling("logs"));
        Logs.toFile(folder.resolveSibling("logs").resolve("demo.log"));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        long begin = System.nanoTime();
        try (DemoWorld world = DemoWorld.start(folder, what -> say(err, "fermata: " + what))) {
            say(
                    err,
                    "fermata: ready after " + seconds(begin) + "; the log is "
                            + folder.resolveSibling("logs").resolve("demo.log"));
            List<Ended> ended = new ArrayList<>();
            for (DemoOrder order : DemoOrders.all()) {
                ended.add(run(world, order, out));
            }
            boolean good = report(world, ended, out);
            say(err, "fermata: the demonstration took " + seconds(begin));
            if (keep) {
                stay(world, err);
            }
            return good ? 0 : 1;
        }
    }

    private static void say(PrintWriter writer, String line) {
        writer.println(line);
        writer.flush();
    }

    private static String seconds(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s";
    }

    private static Ended run(DemoWorld world, DemoOrder order, PrintWriter out)
            throws IOException, SQLException, InterruptedException {
        say(out, "");
        say(out, "== " + order.name() + ": " + order.story());
        DemoClient client = world.client();
        long begin = System.nanoTime();
        String id = client.post(order.document(), order.name());
        Thread timeline = Thread.ofVirtual().start(() -> {
            try {
                client.follow(id, event -> {
                    if (!NOT_SHOWN.contains(event.path("type").asText())) {
                        say(out, "   " + Timeline.line(event));
                    }
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        if (order.disturbance() != Disturbance.NONE) {
            try {
                new Disturber(world).disturb(order.disturbance(), id);
                say(out, "   ~~~~~~~~ kill -9 of the execution worker; another is started");
            } catch (TimeoutException e) {
                say(out, "   " + e.getMessage());
            }
        }
        JsonNode last = await(client, id, order);
        timeline.interrupt();
        timeline.join(Duration.ofSeconds(1));
        return new Ended(order, last, Duration.ofNanos(System.nanoTime() - begin));
    }

    /** Until nobody but a person could do anything more, and everything that was said has been shown. */
    private static JsonNode await(DemoClient client, String id, DemoOrder order)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PER_ORDER.toNanos();
        while (true) {
            JsonNode run = client.run(id);
            String state = run.path("state").asText();
            boolean over = state.equals(order.expected().wire())
                    || Set.of(
                                    "succeeded",
                                    "rolled-back",
                                    "failed",
                                    "rejected",
                                    "cancelled",
                                    "changes-requested",
                                    "escalated")
                            .contains(state);
            if (over || System.nanoTime() > deadline) {
                TimeUnit.MILLISECONDS.sleep(600); // the last lines of the timeline are on their way
                return client.run(id);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static boolean report(DemoWorld world, List<Ended> ended, PrintWriter out) throws SQLException {
        OutcomeTable table = new OutcomeTable();
        boolean good = true;
        for (Ended each : ended) {
            good &= each.expected();
            JsonNode run = each.run();
            table.add(
                    each.order().name(),
                    run.path("target").asText(),
                    each.state().wire()
                            + (each.expected()
                                    ? ""
                                    : " (expected: " + each.order().expected().wire() + ")"),
                    run.path("outcome").path("metrics").path("stepsDone").asInt(),
                    each.took(),
                    run.path("reason").asText());
        }
        say(out, "");
        say(out, table.toString());
        say(out, "");
        for (var load : world.loads().entrySet()) {
            load.getValue().close();
            LiveLoad.Felt felt = load.getValue().felt();
            say(
                    out,
                    String.format(
                            Locale.ROOT,
                            "the load on %-13s %,d requests, %d errors, median %.1f ms, p99 %.1f ms, longest stall %d"
                                    + " ms%s",
                            load.getKey() + ":",
                            felt.requests(),
                            felt.errors(),
                            felt.median().toNanos() / 1e6,
                            felt.p99().toNanos() / 1e6,
                            felt.longestStall().toMillis(),
                            felt.errors() == 0
                                    ? ""
                                    : " (last error: " + load.getValue().lastError() + ")"));
            good &= felt.errors() == 0;
        }
        try (Connection shop = world.shop(DemoWorld.PRODUCTION)) {
            List<String> wrong = DemoChecks.production(shop, world.placedOnProduction());
            wrong.forEach(what -> say(out, "NOT TRUE of the shop: " + what));
            say(
                    out,
                    "asked the shop itself: " + (DemoChecks.count() - wrong.size()) + " of " + DemoChecks.count()
                            + " checks hold");
            good &= wrong.isEmpty();
        }
        say(out, good ? "every outcome was the expected one" : "NOT every outcome was the expected one");
        return good;
    }

    private static void stay(DemoWorld world, PrintWriter err) throws InterruptedException {
        say(err, "");
        say(err, "fermata: still up. Read every message with a plain consumer of Kafka's distribution:");
        say(
                err,
                "  kafka-console-consumer.sh --bootstrap-server " + world.bootstrapServers()
                        + " --include 'fermata\\..*' --from-beginning --property print.headers=true --property"
                        + " print.key=true");
        say(err, "fermata: Ctrl-C ends it");
        try (Termination termination = Termination.watched()) {
            termination.await();
            world.close();
        }
    }
}
