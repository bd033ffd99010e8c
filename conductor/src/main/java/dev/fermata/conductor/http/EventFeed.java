package dev.fermata.conductor.http;

import dev.fermata.conductor.readmodel.EventLog;
import dev.fermata.runtime.http.Blocking;
import dev.fermata.runtime.store.ControlStore;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Everybody who listens to events. One look at the event log tells all of them whether there is anything new, so that many
 * silent listeners cost no more than one. Thread-safe.
 */
final class EventFeed {
    private static final long LOOK_MILLIS = 200;
    private static final int MOST_STREAMS = 500;

    private final Vertx vertx;
    private final Blocking blocking;
    private final ControlStore store;
    private final Set<EventStream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();
    private final AtomicLong last = new AtomicLong();

    EventFeed(Vertx vertx, Blocking blocking, ControlStore store) {
        this.vertx = vertx;
        this.blocking = blocking;
        this.store = store;
    }

    /** Whether one more would be too many. */
    boolean isFull() {
        return streams.size() >= MOST_STREAMS;
    }

    /**
     * Streams events to a client until it goes away. On the event loop of the response.
     *
     * @param order null for the events of all orders
     * @param after number of the last event that the client has
     */
    void stream(HttpServerResponse response, @Nullable String order, long after) {
        EventStream stream = new EventStream(blocking, store, response, order, after);
        streams.add(stream);
        long timer = vertx.setPeriodic(LOOK_MILLIS, LOOK_MILLIS, id -> {
            look();
            stream.tick(last.get(), LOOK_MILLIS);
        });
        stream.start(() -> {
            vertx.cancelTimer(timer);
            streams.remove(stream);
        });
    }

    private void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        blocking.call(() -> store.inTransaction(EventLog::last))
                .onSuccess(found -> last.accumulateAndGet(found, Math::max))
                .onComplete(done -> looking.set(false)); // a failed look is followed by the next
    }
}
