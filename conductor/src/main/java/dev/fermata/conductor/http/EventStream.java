package dev.fermata.conductor.http;

import dev.fermata.conductor.readmodel.EventLog;
import dev.fermata.runtime.http.Blocking;
import dev.fermata.runtime.store.ControlStore;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events of one client. The id of each event is its number in the event log, so a client that comes back with
 * Last-Event-ID misses nothing. A client that reads too slowly is told to come back rather than buffered for. Used on the
 * event loop of its response only.
 */
final class EventStream {
    private static final long ALIVE_MILLIS = 15_000;
    private static final int BATCH = 200;

    private final Blocking blocking;
    private final ControlStore store;
    private final HttpServerResponse response;
    private final @Nullable String order;
    private long after;
    private long searchedTo = -1;
    private long quietMillis;
    private boolean reading;
    private boolean closed;
    private Runnable whenClosed = () -> {};

    EventStream(
            Blocking blocking, ControlStore store, HttpServerResponse response, @Nullable String order, long after) {
        this.blocking = blocking;
        this.store = store;
        this.response = response;
        this.order = order;
        this.after = after;
    }

    /** Sends the head and what there is already. */
    void start(Runnable onClose) {
        whenClosed = onClose;
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream; charset=utf-8")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no");
        response.closeHandler(nothing -> close());
        response.exceptionHandler(e -> close());
        response.write("retry: 2000\n\n");
        read(0);
    }

    private void close() {
        if (!closed) {
            closed = true;
            whenClosed.run();
        }
    }

    /** Called again and again with the number of the last event there is. */
    void tick(long last, long millis) {
        if (closed) {
            return;
        }
        quietMillis += millis;
        if (quietMillis >= ALIVE_MILLIS) {
            quietMillis = 0;
            response.write(": alive\n\n");
        }
        if (last > searchedTo) {
            read(last);
        }
    }

    private void read(long last) {
        if (reading || closed) {
            return;
        }
        reading = true;
        long from = after;
        blocking.call(() -> store.inTransaction(connection -> EventLog.read(connection, order, from, BATCH)))
                .onComplete(
                        events -> {
                            reading = false;
                            write(events, last);
                        },
                        failure -> reading = false); // the next tick tries again
    }

    private void write(List<EventLog.Event> events, long last) {
        if (closed) {
            return;
        }
        if (response.writeQueueFull()) {
            response.end("event: resync\ndata: {}\n\n");
            close();
            return;
        }
        for (EventLog.Event event : events) {
            after = event.seq();
            quietMillis = 0;
            response.write("id: " + event.seq() + "\nevent: " + event.type() + "\ndata: " + event.json() + "\n\n");
        }
        if (events.size() == BATCH) {
            read(last);
        } else {
            searchedTo = Math.max(searchedTo, Math.max(last, after));
        }
    }
}
