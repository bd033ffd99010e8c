package dev.fermata.execution.step;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** How far a single long statement is, as the server counts it; asked from the control connection, once a second. */
final class StatementProgress {
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** What has no total counts from an unknown one. */
    private static final String SQL = """
        SELECT 'rows: ' || phase, tuples_done, tuples_total FROM pg_stat_progress_create_index
        WHERE pid = ? AND tuples_total > 0
        UNION ALL SELECT 'blocks: ' || phase, blocks_done, blocks_total FROM pg_stat_progress_create_index
        WHERE pid = ? AND tuples_total = 0
        UNION ALL SELECT 'blocks: ' || phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum
        WHERE pid = ?
        UNION ALL SELECT 'blocks: ' || phase, sample_blks_scanned, sample_blks_total FROM pg_stat_progress_analyze
        WHERE pid = ?
        UNION ALL SELECT 'blocks: ' || phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_cluster
        WHERE pid = ?
        UNION ALL SELECT 'bytes: copying', bytes_processed, bytes_total FROM pg_stat_progress_copy WHERE pid = ?
        """;

    private final Connection control;
    private final int pid;
    private final Action action;
    private final StepListener listener;
    private final Pace pace = new Pace();
    private long looked = System.nanoTime();
    private String unit = "";

    StatementProgress(Connection control, int pid, Action action, StepListener listener) {
        this.control = control;
        this.pid = pid;
        this.action = action;
        this.listener = listener;
    }

    /** Tells, when it is time. */
    void look() throws SQLException {
        long now = System.nanoTime();
        if (now - looked < EVERY.toNanos()) {
            return;
        }
        looked = now;
        try (PreparedStatement select = control.prepareStatement(SQL)) {
            for (int i = 1; i <= 6; i++) {
                select.setInt(i, pid);
            }
            try (ResultSet row = select.executeQuery()) {
                if (row.next()) {
                    tell(now, row.getString(1), row.getLong(2), row.getLong(3));
                }
            }
        }
    }

    private void tell(long now, String counted, long done, long total) {
        if (!counted.equals(unit)) {
            unit = counted; // another phase goes at another pace
            pace.stoodStill();
        }
        pace.mark(now, done);
        listener.progressed(
                action.step(),
                action.direction(),
                new Progress(done, total > 0 ? total : -1, counted, pace.remaining(total), null));
    }
}
