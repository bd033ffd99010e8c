package dev.fermata.postgres.parser;

import dev.fermata.postgres.parser.SqlRefusedException.Reason;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import run.endive.wasm.WasmEngineException;

/**
 * Runs work on libpg_query instances: so many at a time, each on a thread of its own with a stack deep enough for the
 * recursion of the C code, each for a limited time.
 *
 * <p>An instance goes back into the pool only after work that ended well, or with a {@link SqlInputException}. A call
 * that passes its time is interrupted (the compiled code looks at the flag in every loop) and its instance forgotten;
 * until the thread has really ended it keeps its place, so that there are never more instances than places.
 * Thread-safe.
 */
final class ParserThreads {
    private static final long STACK_BYTES = 64L << 20;
    private static final Duration MAX_WAIT = Duration.ofSeconds(60);

    private final Semaphore places;
    private final int size;
    private final Duration timeLimit;
    private final ConcurrentLinkedDeque<LibPgQuery> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    ParserThreads(int size, Duration timeLimit) {
        this.size = size;
        this.timeLimit = timeLimit;
        this.places = new Semaphore(size, true);
    }

    /**
     * @throws SqlRefusedException when no place comes free within a minute, the work is too slow, too deep or too
     *     large, or the calling thread is interrupted (its flag stays set)
     * @throws SqlSyntaxException as thrown by the work
     */
    <T> T call(Function<LibPgQuery, T> work) {
        if (closed) {
            throw new IllegalStateException("the SQL parser is closed");
        }
        try {
            if (!places.tryAcquire(MAX_WAIT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SqlRefusedException(
                        Reason.BUSY,
                        "no SQL parser came free within %d s: all %d are at work"
                                .formatted(MAX_WAIT.toSeconds(), size));
            }
            return await(start(() -> onInstance(work)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SqlRefusedException(
                    Reason.INTERRUPTED, "the thread that waited for the SQL parser was interrupted");
        }
    }

    /** Takes over the caller's place and gives it back when the thread ends. */
    private <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Runnable inItsPlace = () -> {
            try {
                task.run();
            } finally {
                places.release();
            }
        };
        try {
            Thread.ofPlatform()
                    .name("sql-parser")
                    .daemon(true)
                    .stackSize(STACK_BYTES)
                    .start(inItsPlace);
        } catch (OutOfMemoryError e) {
            places.release();
            throw e;
        }
        return task;
    }

    private <T> T await(FutureTask<T> task) throws InterruptedException {
        try {
            return task.get(timeLimit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SqlRefusedException(
                    Reason.TOO_SLOW,
                    "parsing was given up after %d ms: split the script into smaller ones"
                            .formatted(timeLimit.toMillis()));
        } catch (ExecutionException e) {
            throw translated(e.getCause());
        } finally {
            task.cancel(true);
        }
    }

    void close() {
        closed = true;
        idle.clear();
    }

    private <T> T onInstance(Function<LibPgQuery, T> work) {
        LibPgQuery pooled = idle.pollFirst();
        LibPgQuery instance = pooled == null ? new LibPgQuery() : pooled;
        try {
            T result = work.apply(instance);
            giveBack(instance);
            return result;
        } catch (SqlInputException e) {
            // PostgreSQL's own refusal, or ours after it had finished: the instance is in order.
            giveBack(instance);
            throw e;
        }
    }

    private void giveBack(LibPgQuery instance) {
        if (instance.worthKeeping() && !closed) {
            idle.addFirst(instance);
        }
    }

    private static RuntimeException translated(@Nullable Throwable cause) {
        if (cause instanceof SqlInputException refused) {
            return refused;
        }
        Throwable root = cause instanceof WasmEngineException && cause.getCause() != null ? cause.getCause() : cause;
        if (root instanceof StackOverflowError) {
            return new SqlRefusedException(Reason.TOO_DEEP, "the statement is nested too deeply");
        }
        if (root instanceof OutOfMemoryError) {
            return new SqlRefusedException(
                    Reason.TOO_LARGE,
                    "the script needs more memory to parse than there is: split it into smaller ones");
        }
        return new BrokenOffException(cause);
    }

    /** The C code stopped where it should not have; the instance is dropped. */
    static final class BrokenOffException extends IllegalStateException {
        private static final long serialVersionUID = 1L;

        BrokenOffException(@Nullable Throwable cause) {
            super("libpg_query failed", cause);
        }
    }
}
