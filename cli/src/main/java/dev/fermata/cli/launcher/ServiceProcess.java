package dev.fermata.cli.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A service in a process of its own, which can be killed as nothing else can. */
public final class ServiceProcess implements AutoCloseable {
    private final ServiceName name;
    private final Path config;
    private final Path log;
    private final int port;
    private Process process;

    private ServiceProcess(ServiceName name, Path config, Path log, int port) {
        this.port = port;
        this.name = name;
        this.config = config;
        this.log = log;
        this.process = launch();
    }

    /**
     * @param config settings file of the service
     * @param log standard output and error, appended
     * @param port of HTTP, 0 for any free one
     */
    public static ServiceProcess start(ServiceName name, Path config, Path log, int port) {
        return new ServiceProcess(name, config, log, port);
    }

    private Process launch() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.fermata.cli.Main",
                "run",
                name.wire(),
                "-c",
                config.toString(),
                "-Dhttp.port=" + port));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("FERMATA_LOG_FORMAT", "json");
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name.wire() + " cannot be started", e);
        }
    }

    /** {@code kill -9}, and the next one at once. */
    public void killAndStartAgain() {
        kill();
        startAgain();
    }

    /** The next process, after {@link #kill}. */
    public void startAgain() {
        process = launch();
    }

    /** The process as the operating system knows it. */
    public long pid() {
        return process.pid();
    }

    /** {@code kill -9}. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Asks it to end, then insists. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(15).toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
