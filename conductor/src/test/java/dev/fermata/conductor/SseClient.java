package dev.fermata.conductor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.conductor.http.OpenApiDocument;
import dev.fermata.contracts.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads server-sent events, as a browser does, and holds each against {@code openapi.json}. */
final class SseClient implements AutoCloseable {
    record Event(long id, String type, JsonNode data) {}

    private final HttpURLConnection connection;
    private final BufferedReader lines;

    private SseClient(HttpURLConnection connection) throws IOException {
        this.connection = connection;
        this.lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
    }

    static SseClient open(URI uri, long lastEventId) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setReadTimeout(20_000);
            if (lastEventId > 0) {
                connection.setRequestProperty("Last-Event-ID", Long.toString(lastEventId));
            }
            return new SseClient(connection);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String contentType() {
        return connection.getContentType();
    }

    /** The next so many events; fails when they do not come within twenty seconds. */
    List<Event> next(int count) {
        List<Event> events = new ArrayList<>();
        while (events.size() < count) {
            events.add(next());
        }
        return events;
    }

    private Event next() {
        long id = -1;
        String type = "";
        try {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new IllegalStateException("the stream ended");
                } else if (line.startsWith("id: ")) {
                    id = Long.parseLong(line.substring(4));
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    JsonNode data = Json.mapper().readTree(line.substring(6));
                    OpenApiDocument.assertDescribesEvent(data);
                    return new Event(id, type, data);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
