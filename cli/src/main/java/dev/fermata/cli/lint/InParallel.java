package dev.fermata.cli.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Does the same to many things on a few threads. */
final class InParallel {
    private InParallel() {}

    /** The results in the order of the items. What one throws is thrown; the others are given up. */
    static <T, R> List<R> map(List<T> items, int threads, Function<T, R> function) {
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<R>> running = new ArrayList<>();
            items.forEach(item -> running.add(executor.submit(() -> function.apply(item))));
            List<R> results = new ArrayList<>();
            try {
                for (Future<R> one : running) {
                    results.add(one.get());
                }
            } catch (ExecutionException e) {
                executor.shutdownNow();
                if (e.getCause() instanceof RuntimeException thrown) {
                    throw thrown;
                }
                throw new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                executor.shutdownNow();
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
            return results;
        }
    }
}
