package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata memory}: finished orders. */
@Command(
        name = "memory",
        description = "Searches finished work orders.",
        mixinStandardHelpOptions = true,
        subcommands = MemoryCommand.Search.class)
public final class MemoryCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public MemoryCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "memory: what? (expected: search)");
    }

    /** {@code fermata memory search}. */
    @Command(
            name = "search",
            description = "Lists finished runs whose name, title, target, result, summary or SQL hold all the words.",
            mixinStandardHelpOptions = true)
    static final class Search implements Callable<Integer> {
        private static final int LONGEST_SUMMARY = 70;

        @Mixin
        private ClientOptions client = new ClientOptions();

        @Mixin
        private OutputOption output = new OutputOption();

        @Parameters(arity = "0..*", paramLabel = "WORDS", description = "Words; none for the latest.")
        private List<String> words = List.of();

        @Option(names = "--limit", paramLabel = "N", description = "At most so many (default: ${DEFAULT-VALUE}).")
        private int limit = 20;

        @Spec
        private CommandSpec spec;

        @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
        Search() {}

        @Override
        public Integer call() throws InterruptedException {
            String path = "/v1/memory?q=" + Conductor.encoded(String.join(" ", words)) + "&limit=" + limit;
            List<JsonNode> found = client.conductor().pages(path, limit);
            output.list(
                    spec.commandLine().getOut(), found, run -> run.path("runId").asText(), () -> table(found));
            return ExitCode.DONE.code();
        }

        private static String table(List<JsonNode> found) {
            Table table = new Table("RUN", "RESULT", "NAME", "ENDED", "SUMMARY");
            for (JsonNode run : found) {
                table.row(
                        run.path("runId").asText(),
                        Terminal.state(run.path("result").asText()),
                        run.path("name").asText(),
                        Times.local(run.path("endedAt").asText()),
                        Plain.shortened(Plain.line(run.path("summary").asText()), LONGEST_SUMMARY));
            }
            return table.toString();
        }
    }
}
