package dev.fermata.execution.step;

import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Runs a small statement again and again in a session of its own, and remembers the longest time that one took. */
final class Application implements AutoCloseable {
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLong count = new AtomicLong();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable SQLException failure;

    private Application(TestDatabase database, String sql) {
        this.thread = Thread.ofVirtual().name("application").start(() -> run(database, sql));
    }

    static Application running(TestDatabase database, String sql) {
        return new Application(database, sql);
    }

    private void run(TestDatabase database, String sql) {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            while (!stopping) {
                long begin = System.nanoTime();
                statement.execute();
                longest.accumulateAndGet(System.nanoTime() - begin, Math::max);
                count.incrementAndGet();
                TimeUnit.MILLISECONDS.sleep(2);
            }
        } catch (SQLException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    long statements() {
        return count.get();
    }

    /** The longest a statement took so far, of those that have ended. */
    Duration longestStall() {
        return Duration.ofNanos(longest.get());
    }

    @Nullable
    SQLException failure() {
        return failure;
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
