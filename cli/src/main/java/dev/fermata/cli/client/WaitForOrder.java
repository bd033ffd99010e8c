package dev.fermata.cli.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata wo wait}. */
@Command(
        name = "wait",
        description = "Waits for work orders and ends with the exit code for the worst of them.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:succeeded, or as far as --for says",
            "7:rejected, changes requested, cancelled or expired",
            "8:still pending at --timeout",
            "9:failed or rolled back, production is as it was",
            "10:escalated, an operator must act",
        })
final class WaitForOrder implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Parameters(arity = "1..*", paramLabel = "ID", converter = OrderRef.Converter.class, description = "Work orders.")
    private List<OrderRef> orders = List.of();

    @Option(
            names = "--for",
            paramLabel = "GOAL",
            converter = Waiting.GoalConverter.class,
            description = "planned, approved or done (default).")
    private Waiting.Goal goal = Waiting.Goal.DONE;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long to wait in all (default: 30m).")
    private Duration timeout = Duration.ofMinutes(30);

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    WaitForOrder() {}

    @Override
    public Integer call() throws InterruptedException {
        Waiting waiting = new Waiting(client.conductor(), spec.commandLine().getErr());
        long deadline = System.nanoTime() + timeout.toNanos();
        ExitCode worst = ExitCode.DONE;
        for (OrderRef ref : orders) {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            ExitCode exit = waiting.await(ref.id(), goal, left);
            worst = exit.compareTo(worst) > 0 ? exit : worst;
        }
        return worst.code();
    }
}
