package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that was said about orders, numbered in the order it was heard. Whoever has read up to a number will never find
 * a smaller one later.
 */
public final class EventLog {
    private EventLog() {}

    /** One thing that was said. */
    public record Event(long seq, String type, JsonNode json) {}

    /** What a message is about; a run for most. */
    record About(String order, @Nullable String run) {
        static About run(RunId id) {
            return new About(id.order().value(), id.toString());
        }

        static About order(WorkOrderId id) {
            return new About(id.value(), null);
        }
    }

    /** Writes a message down, unless it is there already. */
    static void append(Connection connection, Envelope envelope, About about) throws SQLException {
        lock(connection);
        String sql = """
            INSERT INTO event (order_id, run_id, type, source, message_id, at, body) VALUES (?, ?, ?, ?, ?, ?, ?::jsonb)
            ON CONFLICT (source, message_id) DO NOTHING
            """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, about.order());
            insert.setString(2, about.run());
            insert.setString(3, envelope.message().getClass().getSimpleName());
            insert.setString(4, envelope.source());
            insert.setString(5, envelope.id());
            insert.setTimestamp(6, Timestamp.from(envelope.time()));
            insert.setString(7, Stored.json(envelope.message()));
            insert.executeUpdate();
        }
    }

    /** Numbers are given out before they can be seen; with two writers a reader could pass one that is not committed yet. */
    private static void lock(Connection connection) throws SQLException {
        try (Statement lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' event', 0))");
        }
    }

    /**
     * What was said after a point: {@code seq, type, source, at, workOrderId, runId, data}.
     *
     * @param order null for all orders
     */
    public static List<Event> read(Connection connection, @Nullable String order, long after, int limit)
            throws SQLException {
        String sql = "SELECT seq, order_id, run_id, type, source, at, body FROM event WHERE seq > ?"
                + (order == null ? "" : " AND order_id = ?") + " ORDER BY seq LIMIT " + limit;
        List<Event> events = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, after);
            if (order != null) {
                select.setString(2, order);
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    events.add(event(rows));
                }
            }
        }
        return events;
    }

    private static Event event(ResultSet row) throws SQLException {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("seq", row.getLong("seq"));
        json.put("type", row.getString("type"));
        json.put("source", row.getString("source"));
        json.put("at", Stored.time(row, "at"));
        json.put("workOrderId", row.getString("order_id"));
        Stored.putText(json, "runId", row.getString("run_id"));
        json.set("data", Stored.read(row.getString("body")));
        return new Event(row.getLong("seq"), row.getString("type"), json);
    }

    /** The number of the last event, 0 while there is none. */
    public static long last(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT coalesce(max(seq), 0) FROM event");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }
}
