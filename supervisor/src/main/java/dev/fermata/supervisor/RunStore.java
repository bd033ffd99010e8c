package dev.fermata.supervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.supervisor.run.Run;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Runs in the control database. Each method belongs to a transaction that the caller owns. */
final class RunStore {
    private RunStore() {}

    /** Loads a run and keeps everybody else from deciding on it until the transaction ends. */
    static Optional<Run> lock(Connection connection, RunId id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT body FROM run WHERE run_id = ? FOR UPDATE")) {
            select.setString(1, id.toString());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(read(row.getString(1), Run.class)) : Optional.empty();
            }
        }
    }

    static void save(Connection connection, Run run) throws SQLException {
        String sql = """
            INSERT INTO run (run_id, order_id, state, ended, result, probe_due, body)
            VALUES (?, ?, ?, ?, ?, CASE WHEN ? THEN now() END, ?)
            ON CONFLICT (run_id) DO UPDATE SET state = excluded.state, ended = excluded.ended,
                result = excluded.result, body = excluded.body,
                probe_due = CASE WHEN excluded.probe_due IS NULL THEN NULL
                                 ELSE coalesce(run.probe_due, excluded.probe_due) END
            """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, run.id().toString());
            upsert.setString(2, run.id().order().value());
            upsert.setString(3, run.state().wire());
            upsert.setBoolean(4, run.state().isEnd());
            upsert.setString(5, result(run));
            upsert.setBoolean(6, run.isProbed());
            upsert.setString(7, write(run));
            upsert.executeUpdate();
        }
    }

    private static @Nullable String result(Run run) {
        return switch (run.state()) {
            case SUCCEEDED -> RunResult.SUCCEEDED.name();
            case ROLLED_BACK -> RunResult.ROLLED_BACK.name();
            case REJECTED -> RunResult.REJECTED.name();
            case CANCELLED -> RunResult.CANCELLED.name();
            case FAILED -> RunResult.FAILED.name();
            case ISSUED,
                    ANALYSING,
                    PREPARING,
                    AWAITING_APPROVAL,
                    SCHEDULED,
                    BACKING_UP,
                    MIGRATING,
                    VERIFYING,
                    SOAKING,
                    AWAITING_CONTRACT,
                    CONTRACTING,
                    ROLLING_BACK,
                    ESCALATED,
                    CHANGES_REQUESTED -> null;
        };
    }

    static void saveOrder(Connection connection, WorkOrderId id, int revision, List<RunId> runs) throws SQLException {
        String sql = """
            INSERT INTO work_order (order_id, revision, runs) VALUES (?, ?, ?)
            ON CONFLICT (order_id) DO UPDATE SET revision = greatest(work_order.revision, excluded.revision)
            """;
        Array ids = connection.createArrayOf(
                "text", runs.stream().map(RunId::toString).toArray());
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, id.value());
            insert.setInt(2, revision);
            insert.setArray(3, ids);
            insert.executeUpdate();
        } finally {
            ids.free();
        }
    }

    /** The runs of an order that are known here, locked in one order so that two deciders cannot block each other. */
    static List<RunId> runsOf(Connection connection, WorkOrderId id) throws SQLException {
        List<RunId> runs = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT run_id FROM run WHERE order_id = ? ORDER BY run_id")) {
            select.setString(1, id.value());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    runs.add(RunId.parse(rows.getString(1)));
                }
            }
        }
        return runs;
    }

    /** One of its runs is taken back after it had ended; the end of the order is told once more. */
    static void reopenOrder(Connection connection, WorkOrderId id) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE work_order SET ended = false WHERE order_id = ?")) {
            update.setString(1, id.value());
            update.executeUpdate();
        }
    }

    /**
     * The results by target, once every run of the order has ended; empty before, and empty ever after, so that the end of an
     * order is told once.
     */
    static Map<String, RunResult> endOrder(Connection connection, WorkOrderId id) throws SQLException {
        // Locked first, and counted by a statement that begins after: of two runs that end together the second sees the
        // first.
        try (PreparedStatement own =
                connection.prepareStatement("SELECT 1 FROM work_order WHERE order_id = ? FOR UPDATE")) {
            own.setString(1, id.value());
            own.execute();
        }
        String end = """
            UPDATE work_order SET ended = true WHERE order_id = ? AND NOT ended
            AND (SELECT count(*) FROM run WHERE run_id = ANY (work_order.runs) AND ended) = cardinality(runs)
            """;
        try (PreparedStatement update = connection.prepareStatement(end)) {
            update.setString(1, id.value());
            if (update.executeUpdate() == 0) {
                return Map.of();
            }
        }
        Map<String, RunResult> results = new LinkedHashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT run_id, result FROM run WHERE order_id = ? ORDER BY run_id")) {
            select.setString(1, id.value());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    results.put(RunId.parse(rows.getString(1)).target(), RunResult.valueOf(rows.getString(2)));
                }
            }
        }
        return results;
    }

    static void keepEarly(Connection connection, RunId id, Message message) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO early (run_id, type, body) VALUES (?, ?, ?)")) {
            insert.setString(1, id.toString());
            insert.setString(2, message.type());
            insert.setString(3, write(message));
            insert.executeUpdate();
        }
    }

    /** What came before the run was known, in the order it came; it is gone from here. */
    static List<Message> takeEarly(Connection connection, RunId id) throws SQLException {
        Map<Long, Message> taken = new TreeMap<>();
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM early WHERE run_id = ? RETURNING seq, type, body")) {
            delete.setString(1, id.toString());
            try (ResultSet rows = delete.executeQuery()) {
                while (rows.next()) {
                    Class<? extends Message> type =
                            MessageType.find(rows.getString("type")).orElseThrow();
                    taken.put(rows.getLong("seq"), read(rows.getString("body"), type));
                }
            }
        }
        return List.copyOf(taken.values());
    }

    /**
     * Runs whose application is to be looked at now. Each is handed out to one who looks, and to another only when the first
     * has not come back in time.
     */
    static List<Run> claimProbes(Connection connection, Duration patience) throws SQLException {
        String sql = """
            WITH due AS MATERIALIZED (SELECT run_id FROM run WHERE probe_due <= now() ORDER BY probe_due
                                      LIMIT 100 FOR UPDATE SKIP LOCKED)
            UPDATE run SET probe_due = now() + ? * interval '1 millisecond' FROM due WHERE run.run_id = due.run_id
            RETURNING body
            """;
        List<Run> runs = new ArrayList<>();
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, patience.toMillis());
            try (ResultSet rows = update.executeQuery()) {
                while (rows.next()) {
                    runs.add(read(rows.getString(1), Run.class));
                }
            }
        }
        return runs;
    }

    /** The application was looked at; the next look is after a while, if it is still to be watched. */
    static void probed(Connection connection, RunId id, Duration every) throws SQLException {
        String sql = """
            UPDATE run SET probe_due = now() + ? * interval '1 millisecond'
            WHERE run_id = ? AND probe_due IS NOT NULL
            """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, every.toMillis());
            update.setString(2, id.toString());
            update.executeUpdate();
        }
    }

    private static <T> T read(String json, Class<T> type) {
        try {
            return Json.mapper().readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored " + type.getSimpleName() + " cannot be read", e);
        }
    }

    private static String write(Object value) {
        try {
            return Json.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value.getClass().getSimpleName() + " cannot be stored", e);
        }
    }
}
