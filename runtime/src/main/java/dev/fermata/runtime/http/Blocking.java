package dev.fermata.runtime.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs what blocks (JDBC above all) off the event loop, on a fresh virtual thread, and answers on the loop that asked. As
 * many at once as there are permits; who waits longer than a second for one is refused with {@link BusyException}.
 */
public final class Blocking {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Semaphore permits;

    public Blocking(Vertx vertx, int permits) {
        this.vertx = vertx;
        this.permits = new Semaphore(permits);
    }

    /** The server has more to do than it can; the caller tries again. */
    public static final class BusyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BusyException() {
            super("too many requests wait for the control database (waited " + PATIENCE.toMillis() + " ms); try again");
        }
    }

    /** Never blocks the caller. */
    public <T> Future<T> call(Callable<T> work) {
        Context context = vertx.getOrCreateContext();
        Promise<T> promise = Promise.promise();
        Thread.ofVirtual().name("blocking").start(() -> {
            try {
                T result = guarded(work);
                context.runOnContext(nothing -> promise.complete(result));
            } catch (Throwable e) { // the caller's future carries it on, whatever it is
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                context.runOnContext(nothing -> promise.fail(e));
            }
        });
        return promise.future();
    }

    private <T> T guarded(Callable<T> work) throws Exception {
        if (!permits.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new BusyException();
        }
        try {
            return work.call();
        } finally {
            permits.release();
        }
    }
}
