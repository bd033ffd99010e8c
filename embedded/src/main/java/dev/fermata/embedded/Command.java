package dev.fermata.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program that runs, says something and ends. */
final class Command {
    private Command() {}

    /** How it ended and what it said on both streams. */
    record Result(int exitCode, String output) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }

    /** Runs the program to its end, whatever that is. */
    static Result run(List<String> command, Duration limit) {
        try {
            Process process = builder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            CompletableFuture<String> output = new CompletableFuture<>();
            Thread.ofVirtual().name("output of " + command.getFirst()).start(() -> readAll(process, output));
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new EmbeddedException(String.join(" ", command) + " did not end within " + limit);
            }
            return new Result(
                    process.exitValue(), output.get(10, TimeUnit.SECONDS).strip());
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new EmbeddedException(String.join(" ", command) + " could not be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedException("interrupted while running " + String.join(" ", command), e);
        }
    }

    /** Runs the program and fails unless it ended well. */
    static void mustSucceed(List<String> command, Duration limit) {
        Result result = run(command, limit);
        if (!result.succeeded()) {
            throw new EmbeddedException(
                    String.join(" ", command) + " ended with " + result.exitCode() + ": " + result.output());
        }
    }

    /** Whether the program is there and ends well; false rather than an exception otherwise. */
    static boolean works(String... command) {
        try {
            return run(List.of(command), Duration.ofSeconds(10)).succeeded();
        } catch (EmbeddedException e) {
            return false;
        }
    }

    /** A process whose PostgreSQL settings come from us alone, not from the user's environment. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    private static void readAll(Process process, CompletableFuture<String> output) {
        try {
            output.complete(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            output.completeExceptionally(new UncheckedIOException(e));
        }
    }
}
