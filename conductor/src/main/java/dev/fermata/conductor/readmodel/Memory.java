package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.OutcomeMessage.RunEnded;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;

/** Finished runs, to be searched and learnt from. */
public final class Memory {
    private Memory() {}

    static void remember(Connection connection, RunEnded ended) throws SQLException {
        String sql = """
            INSERT INTO memory (run_id, order_id, target, name, title, result, summary, change_sql, outcome, ended_at)
            SELECT ?, o.order_id, ?, r.body ->> 'name', r.body ->> 'title', ?, ?, r.body ->> 'change', ?::jsonb, ?
            FROM work_order o JOIN revision r ON r.order_id = o.order_id AND r.revision = ? WHERE o.order_id = ?
            ON CONFLICT (run_id) DO UPDATE SET name = excluded.name, title = excluded.title, result = excluded.result,
                summary = excluded.summary, change_sql = excluded.change_sql, outcome = excluded.outcome,
                ended_at = excluded.ended_at
            """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, ended.runId().toString());
            upsert.setString(2, ended.runId().target());
            upsert.setString(3, ended.outcome().result().wire());
            upsert.setString(4, ended.outcome().summary());
            upsert.setString(5, Stored.json(ended.outcome()));
            upsert.setTimestamp(6, Timestamp.from(ended.outcome().endedAt()));
            upsert.setInt(7, ended.revision());
            upsert.setString(8, ended.runId().order().value());
            upsert.executeUpdate();
        }
    }

    /** Finished runs that hold all the words, newest first; all of them where no word is given. */
    public static ArrayNode search(Connection connection, String words, int limit) throws SQLException {
        String sql = """
            SELECT run_id, order_id, target, name, title, result, summary, ended_at FROM memory
            WHERE ? = '' OR words @@ plainto_tsquery('simple', regexp_replace(?, '[^[:alnum:]]+', ' ', 'g'))
            ORDER BY ended_at DESC LIMIT ?
            """;
        ArrayNode found = Json.mapper().createArrayNode();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, words.strip());
            select.setString(2, words);
            select.setInt(3, limit);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    ObjectNode item = found.addObject();
                    item.put("runId", rows.getString("run_id"));
                    item.put("workOrderId", rows.getString("order_id"));
                    item.put("target", rows.getString("target"));
                    item.put("name", rows.getString("name"));
                    item.put("title", rows.getString("title"));
                    item.put("result", rows.getString("result"));
                    item.put("summary", rows.getString("summary"));
                    item.put("endedAt", Stored.time(rows, "ended_at"));
                }
            }
        }
        return found;
    }
}
