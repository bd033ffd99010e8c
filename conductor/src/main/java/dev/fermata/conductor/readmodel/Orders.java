package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads orders as the JSON that REST answers with. */
public final class Orders {
    private static final String HEAD =
            "SELECT o.order_id, o.revision, o.name, o.title, o.author, o.result, o.created_at, o.updated_at ";

    private Orders() {}

    /**
     * Which orders are wanted.
     *
     * @param before only those older than this id
     * @param state only those with a run in this state
     * @param target only those with a run on this target
     */
    public record Wanted(
            @Nullable String before,
            @Nullable String state,
            @Nullable String target) {}

    /**
     * An order with its runs: {@code id, revision, name, title, author, state, createdAt, updatedAt, order, runs[]}. Its state
     * is that of the run that needs attention most.
     */
    public static Optional<ObjectNode> one(Connection connection, String id) throws SQLException {
        String sql = HEAD + """
            , r.body FROM work_order o JOIN revision r ON r.order_id = o.order_id AND r.revision = o.revision
            WHERE o.order_id = ?
            """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                ObjectNode order = head(row);
                order.set("order", Stored.read(row.getString("body")));
                addRuns(connection, Map.of(id, order));
                return Optional.of(order);
            }
        }
    }

    /** Orders, newest first: {@code items[]} as in {@link #one} without the document, and {@code next} where there are more. */
    public static ObjectNode page(Connection connection, Wanted wanted, int limit) throws SQLException {
        String sql = HEAD + """
            FROM work_order o
            WHERE (?::text IS NULL OR o.order_id < ?)
            AND (?::text IS NULL OR EXISTS (SELECT FROM run r WHERE r.order_id = o.order_id AND r.state = ?))
            AND (?::text IS NULL OR EXISTS (SELECT FROM run r WHERE r.order_id = o.order_id AND r.target = ?))
            ORDER BY o.order_id DESC LIMIT ?
            """;
        Map<String, ObjectNode> orders = new LinkedHashMap<>();
        boolean more = false;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            int at = 1;
            for (String value : new @Nullable String[] {wanted.before(), wanted.state(), wanted.target()}) {
                select.setString(at++, value);
                select.setString(at++, value);
            }
            select.setInt(at, limit + 1);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    if (orders.size() == limit) {
                        more = true;
                    } else {
                        orders.put(rows.getString("order_id"), head(rows));
                    }
                }
            }
        }
        addRuns(connection, orders);
        ObjectNode page = Json.mapper().createObjectNode();
        page.putArray("items").addAll(orders.values());
        if (more) {
            page.put("next", List.copyOf(orders.keySet()).getLast());
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
        order.put("state", "");
        Stored.putText(order, "result", row.getString("result"));
        order.put("createdAt", Stored.time(row, "created_at"));
        order.put("updatedAt", Stored.time(row, "updated_at"));
        return order;
    }

    private static void addRuns(Connection connection, Map<String, ObjectNode> orders) throws SQLException {
        for (ObjectNode order : orders.values()) {
            order.putArray("runs");
        }
        String sql = "SELECT * FROM run WHERE order_id = ANY (?) ORDER BY run_id";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setArray(1, connection.createArrayOf("text", orders.keySet().toArray()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode order = orders.get(rows.getString("order_id"));
                    if (order != null && order.get("runs") instanceof ArrayNode runs) {
                        runs.add(run(rows));
                    }
                }
            }
        }
        for (ObjectNode order : orders.values()) {
            order.put("state", OrderState.of(order.path("runs").findValuesAsText("state")));
        }
    }

    private static ObjectNode run(ResultSet row) throws SQLException {
        ObjectNode run = Json.mapper().createObjectNode();
        run.put("id", row.getString("run_id"));
        run.put("target", row.getString("target"));
        run.put("revision", row.getInt("revision"));
        run.put("state", row.getString("state"));
        run.put("reason", row.getString("reason"));
        Stored.putText(run, "waitingFor", row.getString("waiting_for"));
        Stored.putText(run, "digest", row.getString("digest"));
        run.put("updatedAt", Stored.time(row, "updated_at"));
        return run;
    }

    /**
     * The runs of an order with everything that is known about their present revision: {@code impact, plan, planDigest,
     * rehearsal, approval, decision, backup, feedback, outcome, steps[]}. Empty where there is no such order.
     *
     * <p>{@code planDigest} is that of {@code plan}; {@code digest} is what the supervisor last spoke of. They differ for the
     * moment between two messages, as topics keep no order between each other.
     */
    public static List<ObjectNode> runs(Connection connection, String order) throws SQLException {
        Map<String, ObjectNode> runs = new LinkedHashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT * FROM run WHERE order_id = ? ORDER BY run_id")) {
            select.setString(1, order);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    runs.put(rows.getString("run_id"), run(rows));
                }
            }
        }
        addParts(connection, order, runs);
        runs.values().forEach(Orders::unwrap);
        addSteps(connection, order, runs);
        return new ArrayList<>(runs.values());
    }

    private static void addParts(Connection connection, String order, Map<String, ObjectNode> runs)
            throws SQLException {
        String sql = """
            SELECT p.run_id, p.part, p.body FROM run_part p JOIN run r ON r.run_id = p.run_id AND r.revision = p.revision
            WHERE r.order_id = ? ORDER BY p.part
            """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, order);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode run = runs.get(rows.getString("run_id"));
                    if (run != null) {
                        run.set(rows.getString("part"), Stored.read(rows.getString("body")));
                    }
                }
            }
        }
    }

    /** Parts that are kept as the message they came in. A rehearsal of another plan than the present one is left out. */
    private static void unwrap(ObjectNode run) {
        JsonNode plan = run.remove("plan");
        if (plan != null) {
            run.set("planDigest", plan.path("digest"));
            run.set("plan", plan.path("plan"));
        }
        JsonNode rehearsal = run.remove("rehearsal");
        if (rehearsal != null && rehearsal.path("digest").equals(run.path("planDigest"))) {
            run.set("rehearsal", rehearsal.path("report"));
        }
        JsonNode backup = run.remove("backup");
        if (backup != null && backup.path("digest").equals(run.path("planDigest"))) {
            run.set("backup", backup.path("backup"));
        }
    }

    private static void addSteps(Connection connection, String order, Map<String, ObjectNode> runs)
            throws SQLException {
        String sql = """
            SELECT s.run_id, s.body FROM run_step s JOIN run r ON r.run_id = s.run_id AND r.revision = s.revision
            WHERE r.order_id = ? ORDER BY s.step
            """;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, order);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode run = runs.get(rows.getString("run_id"));
                    if (run != null) {
                        run.withArray("steps").add(Stored.read(rows.getString("body")));
                    }
                }
            }
        }
    }

    /** Everybody who wrote any revision of an order; none of them may approve it on production. Empty for no such order. */
    public static Set<String> authors(Connection connection, String order) throws SQLException {
        Set<String> authors = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        try (PreparedStatement select =
                connection.prepareStatement("SELECT author, amended_by FROM revision WHERE order_id = ?")) {
            select.setString(1, order);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    authors.add(rows.getString("author"));
                    String by = rows.getString("amended_by");
                    if (by != null) {
                        authors.add(by);
                    }
                }
            }
        }
        return authors;
    }

    /** Whether there is such an order. */
    public static boolean exists(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT FROM work_order WHERE order_id = ?")) {
            select.setString(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /** The run that works on each target now, by target. */
    public static Map<String, String> busyTargets(Connection connection) throws SQLException {
        String sql = """
            SELECT target, min(run_id) AS run_id FROM run
            WHERE state IN ('backing-up', 'migrating', 'verifying', 'contracting', 'rolling-back') GROUP BY target
            """;
        Map<String, String> busy = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                busy.put(rows.getString("target"), rows.getString("run_id"));
            }
        }
        return busy;
    }
}
