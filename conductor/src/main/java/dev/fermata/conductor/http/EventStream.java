package dev.fermata.conductor.http;

import dev.fermata.conductor.readmodel.Queries;
import dev.fermata.runtime.http.Blocking;
import dev.fermata.runtime.store.ControlStore;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events of one client. The id of each event is its durable sequence number, so a client that comes back with
 * Last-Event-ID misses nothing. A client that reads too slowly is told to come back rather than buffered for.
 */
final class EventStream {
    private static final long LOOK_MILLIS = 250;
    private static final long ALIVE_MILLIS = 15_000;
    private static final int BATCH = 200;

    private final Vertx vertx;
    private final Blocking blocking;
    private final ControlStore store;
    private final HttpServerResponse response;
    private final @Nullable String order;
    private long after;
    private long quietMillis;
    private boolean looking;
    private boolean closed;

    EventStream(
            Vertx vertx,
            Blocking blocking,
            ControlStore store,
            HttpServerResponse response,
            @Nullable String order,
            long after) {
        this.vertx = vertx;
        this.blocking = blocking;
        this.store = store;
        this.response = response;
        this.order = order;
        this.after = after;
    }

    void start() {
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream; charset=utf-8")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no");
        response.write("retry: 2000\n\n");
        long timer = vertx.setPeriodic(LOOK_MILLIS, LOOK_MILLIS, id -> look());
        response.closeHandler(nothing -> close(timer));
        response.exceptionHandler(e -> close(timer));
        look();
    }

    private void close(long timer) {
        closed = true;
        vertx.cancelTimer(timer);
    }

    private void look() {
        if (looking || closed) {
            return;
        }
        looking = true;
        long from = after;
        blocking.call(() -> store.inTransaction(connection -> Queries.events(connection, order, from, BATCH)))
                .onComplete(
                        events -> {
                            looking = false;
                            write(events);
                        },
                        failure -> looking = false); // the next look tries again
    }

    private void write(List<Queries.Event> events) {
        if (closed) {
            return;
        }
        if (response.writeQueueFull()) {
            response.end("event: resync\ndata: {}\n\n");
            closed = true;
            return;
        }
        for (Queries.Event event : events) {
            after = event.seq();
            response.write("id: " + event.seq() + "\nevent: " + event.type() + "\ndata: " + event.json() + "\n\n");
        }
        quietMillis = events.isEmpty() ? quietMillis + LOOK_MILLIS : 0;
        if (quietMillis >= ALIVE_MILLIS) {
            quietMillis = 0;
            response.write(": alive\n\n");
        }
        if (events.size() == BATCH) {
            look();
        }
    }
}
