package dev.fermata.conductor.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.run.RunState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Orders and their revisions as they are accepted. Each method belongs to a transaction that the caller owns. */
final class OrderStore {
    private OrderStore() {}

    static void insert(Connection connection, WorkOrderId id, WorkOrder order, List<RunId> runs) throws SQLException {
        String sql = "INSERT INTO work_order (order_id, revision, name, title, author) VALUES (?, 1, ?, ?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, id.value());
            insert.setString(2, order.name());
            insert.setString(3, order.title());
            insert.setString(4, order.author());
            insert.executeUpdate();
        }
        insertRevision(connection, id, 1, order, null);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO run (run_id, order_id, target, revision, state, reason) VALUES (?, ?, ?, 1, ?,"
                        + " 'accepted')")) {
            for (RunId run : runs) {
                insert.setString(1, run.toString());
                insert.setString(2, id.value());
                insert.setString(3, run.target());
                insert.setString(4, RunState.ISSUED.wire());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    static void amend(Connection connection, WorkOrderId id, int revision, WorkOrder order, Actor by)
            throws SQLException {
        insertRevision(connection, id, revision, order, by.name());
        String sql = "UPDATE work_order SET revision = ?, name = ?, title = ?, updated_at = now() WHERE order_id = ?";
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setInt(1, revision);
            update.setString(2, order.name());
            update.setString(3, order.title());
            update.setString(4, id.value());
            update.executeUpdate();
        }
    }

    private static void insertRevision(
            Connection connection, WorkOrderId id, int revision, WorkOrder order, @Nullable String by)
            throws SQLException {
        String sql =
                "INSERT INTO revision (order_id, revision, author, amended_by, body) VALUES (?, ?, ?, ?, ?::jsonb)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, id.value());
            insert.setInt(2, revision);
            insert.setString(3, order.author());
            insert.setString(4, by);
            insert.setString(5, json(order));
            insert.executeUpdate();
        }
    }

    /** The present revision; nobody else amends the order until the transaction ends. Empty where there is no such order. */
    static Optional<Integer> lockRevision(Connection connection, WorkOrderId id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT revision FROM work_order WHERE order_id = ? FOR UPDATE")) {
            select.setString(1, id.value());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getInt(1)) : Optional.empty();
            }
        }
    }

    /** The state of each run, by target. */
    static Map<String, String> runStates(Connection connection, WorkOrderId id) throws SQLException {
        Map<String, String> states = new TreeMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT target, state FROM run WHERE order_id = ?")) {
            select.setString(1, id.value());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    states.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return states;
    }

    private static String json(WorkOrder order) {
        try {
            return Json.mapper().writeValueAsString(order);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a work order is always JSON", e);
        }
    }
}
