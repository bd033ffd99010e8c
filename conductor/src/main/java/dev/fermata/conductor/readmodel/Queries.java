package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.codec.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the read model, as the JSON that REST answers with. */
public final class Queries {
    private Queries() {}

    /** One thing that was said about an order. */
    public record Event(long seq, String type, JsonNode json) {}

    /**
     * An order with its runs: {@code id, revision, name, title, author, state, createdAt, updatedAt, order, runs[]}. Its state
     * is that of the run that needs attention most.
     */
    public static Optional<ObjectNode> order(Connection connection, String id) throws SQLException {
        String sql = """
                SELECT order_id, revision, name, title, author, body, result, created_at, updated_at
                FROM work_order WHERE order_id = ?
                """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                ObjectNode order = head(row);
                order.set("order", read(row.getString("body")));
                addRuns(connection, order);
                return Optional.of(order);
            }
        }
    }

    /**
     * Orders, newest first: {@code items[]} as in {@link #order} without the document, and {@code next} to go on from.
     *
     * @param before only orders older than this id
     * @param state only orders with a run in this state
     */
    public static ObjectNode orders(
            Connection connection, @Nullable String before, @Nullable String state, int limit) throws SQLException {
        String sql = """
                SELECT order_id, revision, name, title, author, result, created_at, updated_at FROM work_order w
                WHERE (?::text IS NULL OR order_id < ?)
                AND (?::text IS NULL OR EXISTS (SELECT FROM run r WHERE r.order_id = w.order_id AND r.state = ?))
                ORDER BY order_id DESC LIMIT ?
                """;
        ArrayNode items = Json.mapper().createArrayNode();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, before);
            select.setString(2, before);
            select.setString(3, state);
            select.setString(4, state);
            select.setInt(5, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode order = head(rows);
                    addRuns(connection, order);
                    items.add(order);
                }
            }
        }
        ObjectNode page = Json.mapper().createObjectNode();
        page.set("items", items);
        if (items.size() == limit && limit > 0) {
            page.put("next", items.get(limit - 1).path("id").asText());
        }
        return page;
    }

    private static ObjectNode head(ResultSet row) throws SQLException {
        ObjectNode order = Json.mapper().createObjectNode();
        order.put("id", row.getString("order_id"));
        order.put("revision", row.getInt("revision"));
        order.put("name", row.getString("name"));
        order.put("title", row.getString("title"));
        order.put("author", row.getString("author"));
        putText(order, "result", row.getString("result"));
        order.put("createdAt", time(row.getTimestamp("created_at")));
        order.put("updatedAt", time(row.getTimestamp("updated_at")));
        return order;
    }

    private static void addRuns(Connection connection, ObjectNode order) throws SQLException {
        List<ObjectNode> runs = runs(connection, order.path("id").asText(), false);
        ArrayNode array = order.putArray("runs");
        runs.forEach(array::add);
        order.put("state", OrderState.of(runs.stream().map(r -> r.path("state").asText()).toList()));
    }

    /** The runs of an order; with {@code details}, also impact, plan, rehearsal, backup, feedback and outcome. */
    public static List<ObjectNode> runs(Connection connection, String order, boolean details) throws SQLException {
        String sql = """
                SELECT run_id, target, revision, state, reason, waiting_for, digest, sequence, updated_at, impact, plan,
                    rehearsal, backup, approval, feedback, outcome FROM run WHERE order_id = ? ORDER BY run_id
                """;
        List<ObjectNode> runs = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, order);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    runs.add(run(rows, details));
                }
            }
        }
        return runs;
    }

    private static ObjectNode run(ResultSet row, boolean details) throws SQLException {
        ObjectNode run = Json.mapper().createObjectNode();
        run.put("id", row.getString("run_id"));
        run.put("target", row.getString("target"));
        run.put("revision", row.getInt("revision"));
        run.put("state", row.getString("state"));
        run.put("reason", row.getString("reason"));
        putText(run, "waitingFor", row.getString("waiting_for"));
        putText(run, "digest", row.getString("digest"));
        run.put("updatedAt", time(row.getTimestamp("updated_at")));
        if (details) {
            for (String part : List.of("impact", "plan", "rehearsal", "backup", "approval", "feedback", "outcome")) {
                String json = row.getString(part);
                if (json != null) {
                    run.set(part, read(json));
                }
            }
        }
        return run;
    }

    /** Whether there is such an order. */
    public static boolean exists(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT 1 FROM work_order WHERE order_id = ?")) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * What was said about an order after a point.
     *
     * @param order null for all orders
     */
    public static List<Event> events(Connection connection, @Nullable String order, long after, int limit)
            throws SQLException {
        String sql = """
                SELECT seq, order_id, run_id, type, source, at, body FROM event
                WHERE seq > ? AND (?::text IS NULL OR order_id = ?) ORDER BY seq LIMIT ?
                """;
        List<Event> events = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, after);
            select.setString(2, order);
            select.setString(3, order);
            select.setInt(4, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode event = Json.mapper().createObjectNode();
                    event.put("seq", rows.getLong("seq"));
                    event.put("type", rows.getString("type"));
                    event.put("source", rows.getString("source"));
                    event.put("at", time(rows.getTimestamp("at")));
                    event.put("workOrderId", rows.getString("order_id"));
                    putText(event, "runId", rows.getString("run_id"));
                    event.set("data", read(rows.getString("body")));
                    events.add(new Event(rows.getLong("seq"), rows.getString("type"), event));
                }
            }
        }
        return events;
    }

    /** Finished runs that hold all the words, newest first. */
    public static ArrayNode memory(Connection connection, String words, int limit) throws SQLException {
        String sql = """
                SELECT run_id, order_id, target, name, title, result, summary, ended_at FROM memory
                WHERE ? = '' OR words @@ plainto_tsquery('simple', ?) ORDER BY ended_at DESC LIMIT ?
                """;
        ArrayNode found = Json.mapper().createArrayNode();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, words);
            select.setString(2, words);
            select.setInt(3, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode item = found.addObject();
                    for (String column : List.of("run_id", "order_id", "target", "name", "title", "result", "summary")) {
                        item.put(column.equals("run_id") ? "runId" : column.equals("order_id") ? "workOrderId" : column,
                                rows.getString(column));
                    }
                    item.put("endedAt", time(rows.getTimestamp("ended_at")));
                }
            }
        }
        return found;
    }

    private static void putText(ObjectNode node, String name, @Nullable String value) {
        if (value != null) {
            node.put(name, value);
        }
    }

    private static String time(Timestamp timestamp) {
        return timestamp.toInstant().toString();
    }

    private static JsonNode read(String json) {
        try {
            return Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored JSON cannot be read", e);
        }
    }
}
