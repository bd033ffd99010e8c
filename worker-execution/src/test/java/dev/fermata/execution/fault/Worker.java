package dev.fermata.execution.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A {@link WorkerProcess}, seen from outside. For one thread. */
final class Worker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    private Worker(Process process) {
        this.process = process;
    }

    /** Returns at once; what it is told is done when it is there. */
    static Worker start() throws IOException {
        Worker worker = new Worker(new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.timezone=UTC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerProcess.class.getName())
                .redirectErrorStream(true)
                .start());
        // A virtual one would hold up its carrier: reading from a process is reading from a file.
        Thread.ofPlatform().daemon().name("worker " + worker.process.pid()).start(worker::listen);
        return worker;
    }

    private void listen() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(Arrival.MARK)) {
                    said.add(line);
                } else {
                    System.out.println(process.pid() + ": " + line);
                }
            }
        } catch (IOException e) {
            System.out.println(process.pid() + " was killed while it was listened to: " + e.getMessage());
        }
    }

    void begin(Job job) throws IOException {
        write(Json.mapper().writeValueAsString(job));
    }

    void go() throws IOException {
        write("go");
    }

    private void write(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Waits for what it says next. */
    Arrival next() throws InterruptedException {
        String line = said.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (line == null) {
            throw new AssertionError(
                    "a worker said nothing for " + PATIENCE + "; it is " + (process.isAlive() ? "alive" : "dead"));
        }
        return Arrival.parse(line);
    }

    boolean hasSaidSomething() {
        return !said.isEmpty();
    }

    /** SIGSTOP: it is there, holds what it holds, and does nothing. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(this::isPaused);
    }

    /** SIGCONT: it goes on as if no time had passed. */
    void wake() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).as("kill -" + name).isZero();
    }

    private boolean isPaused() throws IOException {
        Process ps = new ProcessBuilder("ps", "-o", "state=", "-p", Long.toString(process.pid())).start();
        try (InputStream out = ps.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8).startsWith("T");
        }
    }

    /** SIGKILL. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
