package dev.fermata.cli.launcher;

import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fermata run NAME}: one service in this process. It ends in order on SIGTERM. */
@Command(name = "run", description = "Runs one service in this process.", mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Parameters(paramLabel = "NAME", description = "conductor, supervisor, worker-analysis or worker-execution")
    private String name = "";

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before it calls
    public RunCommand() {}

    @Override
    public Integer call() throws Exception {
        Optional<ServiceName> service = ServiceName.find(name);
        if (service.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "NAME: '" + name + "' (expected: one of " + String.join(", ", ServiceName.names()) + ")");
        }
        Logs.toStandardError();
        try (Termination termination = Termination.watched()) {
            Vertx vertx = Vertx.vertx();
            AutoCloseable running = service.get().start(config.source(), vertx).service();
            try {
                termination.await();
            } finally {
                running.close();
                vertx.close();
            }
        }
        return 0;
    }
}
