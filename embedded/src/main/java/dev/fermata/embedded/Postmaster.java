package dev.fermata.embedded;

import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The server process, started and watched by a thread of its own.
 *
 * <p>The thread matters: Linux sends the signal that ties a child to its parent when the <em>thread</em> that started
 * the child ends, so that thread must live as long as the server.
 */
final class Postmaster {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    private final Process process;
    private final DataFolder folder;
    private final long logBefore;

    private Postmaster(Process process, DataFolder folder, long logBefore) {
        this.process = process;
        this.folder = folder;
        this.logBefore = logBefore;
    }

    static Postmaster launch(DataFolder folder, Map<String, String> settings) {
        List<String> command = folder.serverCommand(settings);
        long logBefore = folder.logSize();
        ProcessBuilder builder = Command.builder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.log().toFile()));
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("postgres keeper").start(() -> keep(builder, started));
        try {
            return new Postmaster(started.join(), folder, logBefore);
        } catch (CompletionException e) {
            throw new EmbeddedException(command.getFirst() + " could not be run", e.getCause());
        }
    }

    private static void keep(ProcessBuilder builder, CompletableFuture<Process> started) {
        try {
            Process process = builder.start();
            started.complete(process);
            process.waitFor();
        } catch (IOException e) {
            started.completeExceptionally(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns when clients may come, or fails with the last lines of the log. */
    void awaitReady() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!folder.isReady(process.pid())) {
            if (!process.isAlive()) {
                throw didNotStart();
            }
            if (System.nanoTime() > deadline) {
                throw new EmbeddedException(
                        "PostgreSQL was not ready within " + START_LIMIT + ", see '" + folder.log() + "'");
            }
            pause();
        }
    }

    private EmbeddedException didNotStart() {
        String said = folder.logSince(logBefore);
        return new EmbeddedException(
                "PostgreSQL did not start, see '" + folder.log() + "', which ends:\n" + said,
                said.contains("could not bind") ? new BindException("the port is taken") : null);
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException("interrupted while PostgreSQL started", e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void awaitEnd() {
        process.onExit().join();
    }

    void kill() {
        process.destroyForcibly();
    }
}
