package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code fermata target}: the databases that orders can name. */
@Command(
        name = "target",
        description = "Lists and checks the databases that work orders can name.",
        mixinStandardHelpOptions = true,
        subcommands = {TargetCommand.ListTargets.class, CheckTarget.class})
public final class TargetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public TargetCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "target: what? (expected: list or check)");
    }

    /** {@code fermata target list}. */
    @Command(
            name = "list",
            description = "Lists the targets that the conductor knows.",
            mixinStandardHelpOptions = true)
    static final class ListTargets implements Callable<Integer> {
        @Mixin
        private ClientOptions client = new ClientOptions();

        @Mixin
        private OutputOption output = new OutputOption();

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
        ListTargets() {}

        @Override
        public Integer call() throws InterruptedException {
            List<JsonNode> targets = client.conductor().pages("/v1/targets", Integer.MAX_VALUE);
            output.list(
                    spec.commandLine().getOut(), targets, t -> t.path("name").asText(), () -> table(targets));
            return ExitCode.DONE.code();
        }

        private static String table(List<JsonNode> targets) {
            Table table = new Table("NAME", "ENVIRONMENT", "DATABASE", "BUSY WITH", "LABELS");
            for (JsonNode target : targets) {
                List<String> labels = new ArrayList<>();
                target.path("labels")
                        .properties()
                        .forEach(label -> labels.add(
                                label.getKey() + "=" + label.getValue().asText()));
                table.row(
                        target.path("name").asText(),
                        target.path("environment").asText(),
                        target.path("database").asText(),
                        target.path("busyWith").asText("-"),
                        labels.isEmpty() ? "-" : String.join(",", labels));
            }
            return table.toString();
        }
    }
}
