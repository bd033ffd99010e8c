package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrderFile;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo start}. */
@Command(
        name = "start",
        description = {
            "Posts a work order and prints its id.",
            "A directory of migrations (Flyway or golang-migrate names) makes one order per file; each is waited for"
                    + " before the next, and what was started before is not started again."
        },
        mixinStandardHelpOptions = true)
final class StartOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Parameters(
            paramLabel = "FILE|DIR|TEMPLATE",
            description = "A work order file, a directory of migrations, or a template.")
    private String what = "";

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Fills in a placeholder of a template.")
    private Map<String, String> values = Map.of();

    @Option(names = "--target", paramLabel = "NAME", description = "The target of the migrations of a directory.")
    private @Nullable String target;

    @Option(
            names = "--wait",
            arity = "0..1",
            paramLabel = "GOAL",
            fallbackValue = "done",
            converter = Waiting.GoalConverter.class,
            description =
                    "Waits until it is planned, approved or done (default), and ends with the exit code for that.")
    private Waiting.@Nullable Goal goal;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to wait for each order (default: 30m).")
    private Duration timeout = Duration.ofMinutes(30);

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            description = "The same key with the same order again is the same order; give one to try again safely.")
    private @Nullable String key;

    @Option(names = "--dry-run", description = "Only checks the order, here and at the conductor.")
    private boolean dryRun;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    StartOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        OrderFiles files = new OrderFiles(client.settings(), client.name());
        Path path = Path.of(what);
        if (!Files.isDirectory(path)) {
            if (target != null) {
                throw new ParameterException(
                        spec.commandLine(), "--target: only for a directory; a work order names its targets itself");
            }
            return start(files.read(what, values), key == null ? Ulid.system().next() : key, goal)
                    .code();
        }
        if (target == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--target: missing (expected: where the migrations of '" + what + "' shall run)");
        }
        return directory(files.directory(path, target)).code();
    }

    /** One after the other. The keys follow from the content, so a second start goes on where the first one stopped. */
    private ExitCode directory(List<WorkOrder> orders) throws InterruptedException {
        Waiting.Goal each = goal == null ? Waiting.Goal.DONE : goal;
        for (WorkOrder order : orders) {
            String content =
                    CanonicalJson.sha256((order.change() + "\0" + order.rollback()).getBytes(StandardCharsets.UTF_8));
            String prefix = key == null ? "" : key + "/";
            ExitCode exit = start(order, prefix + target + "/" + order.name() + "/" + content, each);
            if (exit != ExitCode.DONE) {
                return exit;
            }
        }
        return ExitCode.DONE;
    }

    private ExitCode start(WorkOrder order, String orderKey, Waiting.@Nullable Goal until) throws InterruptedException {
        Conductor conductor = client.conductor();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String document = WorkOrderFile.toMarkdown(order);
        if (dryRun) {
            JsonNode checked = conductor.check(document).path("order");
            output.one(
                    out,
                    checked,
                    order.name(),
                    () -> "valid: " + order.name() + " for " + String.join(", ", order.targets()));
            return ExitCode.DONE;
        }
        String id = conductor.post(document, orderKey).path("id").asText();
        ObjectNode posted = Json.mapper().createObjectNode().put("id", id).put("name", order.name());
        if (until == null) {
            output.one(out, posted, id, () -> id);
            err.println("fermata: accepted; follow it with: fermata wo tail " + id);
            err.flush();
            return ExitCode.DONE;
        }
        err.println("fermata: " + id + " accepted: " + Plain.line(order.title()));
        ExitCode exit = new Waiting(conductor, err).await(id, until, timeout);
        posted.put("state", conductor.order(id).path("state").asText());
        output.one(out, posted, id, () -> id);
        return exit;
    }
}
