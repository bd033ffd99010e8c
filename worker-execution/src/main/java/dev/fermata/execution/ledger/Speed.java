package dev.fermata.execution.ledger;

import dev.fermata.contracts.id.RunId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * How fast the steps of a run may go, as the supervisor has ordered for an operator or a probe. Kept beside the ledger, so
 * that whichever worker runs the steps finds it, now and after a takeover.
 *
 * @param percent of the time that may be spent working; 0: none
 * @param reason why, and by whom
 */
public record Speed(int percent, String reason) {
    /** Nothing holds it up. */
    public static final Speed FULL = new Speed(100, "");

    public boolean isPaused() {
        return percent == 0;
    }

    /** What was ordered last; full speed where nothing was. */
    public static Speed read(Connection connection, Scope scope) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT percent, reason FROM fermata.pace WHERE run_id = ? AND revision = ?")) {
            select.setString(1, scope.run().toString());
            select.setInt(2, scope.revision());
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? new Speed(row.getInt(1), row.getString(2)) : FULL;
            }
        }
    }

    /** Orders it. An order that was given earlier, and comes later, changes nothing. */
    public void order(Connection connection, RunId run, int revision, long sequence) throws SQLException {
        String sql = """
            INSERT INTO fermata.pace AS old (run_id, revision, sequence, percent, reason) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (run_id, revision) DO UPDATE SET sequence = excluded.sequence, percent = excluded.percent,
                reason = excluded.reason, ordered_at = now()
            WHERE old.sequence < excluded.sequence
            """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, run.toString());
            upsert.setInt(2, revision);
            upsert.setLong(3, sequence);
            upsert.setInt(4, percent);
            upsert.setString(5, reason);
            upsert.executeUpdate();
        }
    }
}
