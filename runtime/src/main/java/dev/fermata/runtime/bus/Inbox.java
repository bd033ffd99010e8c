package dev.fermata.runtime.bus;

import dev.fermata.contracts.codec.Envelope;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Remembers what was handled, by CloudEvents source and id. */
final class Inbox {
    private Inbox() {}

    /** Those of the batch that were never handled before, in order, each once; they count as handled from now on. */
    static List<Received> admit(Connection connection, List<Received> batch) throws SQLException {
        if (batch.isEmpty()) {
            return List.of();
        }
        Array sources = connection.createArrayOf(
                "text", batch.stream().map(r -> r.envelope().source()).toArray());
        Array ids = connection.createArrayOf(
                "text", batch.stream().map(r -> r.envelope().id()).toArray());
        String sql = """
            INSERT INTO inbox (source, id) SELECT DISTINCT s, i FROM unnest(?, ?) AS seen (s, i) ORDER BY s, i
            ON CONFLICT DO NOTHING RETURNING source, id
            """;
        Set<String> fresh = new HashSet<>();
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setArray(1, sources);
            insert.setArray(2, ids);
            try (ResultSet rows = insert.executeQuery()) {
                while (rows.next()) {
                    fresh.add(key(rows.getString(1), rows.getString(2)));
                }
            }
        } finally {
            sources.free();
            ids.free();
        }
        List<Received> admitted = new ArrayList<>();
        for (Received received : batch) {
            Envelope envelope = received.envelope();
            if (fresh.remove(key(envelope.source(), envelope.id()))) {
                admitted.add(received);
            }
        }
        return admitted;
    }

    private static String key(String source, String id) {
        return source + "\n" + id;
    }
}
