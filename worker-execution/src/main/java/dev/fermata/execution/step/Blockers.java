package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Who is in the way. Never what they run: that may hold row data. */
final class Blockers {
    private static final int NAMED = 3;

    private Blockers() {}

    /** @param pids as pg_blocking_pids has them: 0 is a prepared transaction */
    static List<Blocker> of(Connection control, List<Integer> pids) throws SQLException {
        String sql = """
            SELECT wanted.pid,
                   CASE wanted.pid WHEN 0 THEN 'a prepared transaction' ELSE coalesce(a.application_name, '') END,
                   coalesce(a.state, ''),
                   coalesce(1000 * extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start)),
                            0)::bigint
            FROM unnest(?) AS wanted(pid) LEFT JOIN pg_stat_activity AS a ON a.pid = wanted.pid
            """;
        List<Blocker> found = new ArrayList<>();
        try (PreparedStatement select = control.prepareStatement(sql)) {
            select.setArray(1, control.createArrayOf("int4", pids.toArray()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(new Blocker(
                            rows.getInt(1), rows.getString(2), rows.getString(3), Duration.ofMillis(rows.getLong(4))));
                }
            }
        }
        return found;
    }

    /** For the end of a sentence. */
    static String text(List<Blocker> blockers) {
        if (blockers.isEmpty()) {
            return "nobody was seen in the way";
        }
        String named = blockers.stream().limit(NAMED).map(Blockers::text).collect(Collectors.joining("; "));
        return "in the way: " + named + (blockers.size() > NAMED ? "; and " + (blockers.size() - NAMED) + " more" : "");
    }

    private static String text(Blocker blocker) {
        return "pid " + blocker.pid() + " '" + blocker.application() + "', "
                + (blocker.state().isEmpty() ? "in a state that our role may not see" : blocker.state())
                + ", in its transaction for " + blocker.age().toSeconds() + " s";
    }
}
