package dev.fermata.execution.step;

import dev.fermata.postgres.context.Autovacuums;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What says whether the server can take more of a data change just now. What cannot be read counts as no: a sensor that is
 * blind is no sign of health.
 */
final class Brake {
    private static final String WITH_PARTITIONS =
            "SELECT to_regclass(?) UNION ALL SELECT relid FROM pg_partition_tree(to_regclass(?))";

    private final Connection control;
    private final String table;
    private final BrakeLimits limits;
    private final List<Sign> signs = List.of(
            new Sign("how far standbys are behind", this::replicas),
            new Sign("what replication slots keep", this::slots),
            new Sign("how much WAL is written", this::writeAhead),
            new Sign("whether WAL is archived", this::archiver),
            new Sign("whether the table is vacuumed", this::vacuum),
            new Sign("who waits for the table", this::lockWaits));
    private @Nullable Wal last;

    private record Wal(long nanos, long bytes) {}

    /**
     * Beyond what the change stands still.
     *
     * @param replicaLag time a standby is behind in replaying
     * @param replicaBytes WAL a standby has not replayed, or a slot keeps for one that is away
     * @param walPerSecond bytes of WAL that the whole server writes
     * @param segmentsToArchive WAL files that are not archived
     */
    record BrakeLimits(Duration replicaLag, long replicaBytes, long walPerSecond, long segmentsToArchive) {
        private static final long MIB = 1L << 20;

        static final BrakeLimits DEFAULT = new BrakeLimits(Duration.ofSeconds(10), 512 * MIB, 256 * MIB, 64);
    }

    Brake(Connection control, String table, BrakeLimits limits) {
        this.control = control;
        this.table = table;
        this.limits = limits;
    }

    /** Why it should stand still, one sentence each; empty when it may go on. */
    List<String> reasons() throws SQLException {
        List<String> reasons = new ArrayList<>();
        for (Sign sign : signs) {
            try {
                sign.source().read().ifPresent(reasons::add);
            } catch (SQLException e) {
                if (Trouble.of(e) == Trouble.CONNECTION_LOST) {
                    throw e;
                }
                reasons.add(
                        sign.of() + " cannot be read (SQLSTATE " + e.getSQLState() + "); GRANT pg_monitor to our role");
            }
        }
        return reasons;
    }

    /** @param of what it is a sign of, as the beginning of a sentence */
    private record Sign(String of, Source source) {}

    @FunctionalInterface
    private interface Source {
        Optional<String> read() throws SQLException;
    }

    /** Without standbys there is nothing to wait for. A row without a state is one that we may not see into. */
    private Optional<String> replicas() throws SQLException {
        String sql = """
            SELECT count(*), count(*) FILTER (WHERE state IS NULL),
                   coalesce(max(1000 * extract(epoch FROM replay_lag)), 0)::bigint,
                   coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint
            FROM pg_stat_replication
            """;
        return ask(sql, null, row -> {
            if (row.getLong(2) > 0) {
                return "the lag of " + row.getLong(2) + " of " + row.getLong(1)
                        + " standbys cannot be read; GRANT pg_monitor to our role";
            }
            if (row.getLong(3) > limits.replicaLag().toMillis()) {
                return "a standby is " + row.getLong(3) / 1000 + " s behind";
            }
            return row.getLong(4) > limits.replicaBytes()
                    ? "a standby is " + mib(row.getLong(4)) + " MiB of WAL behind"
                    : null;
        });
    }

    /** A standby that is gone is in no statistics any more; what is kept for it until it comes back grows with every batch. */
    private Optional<String> slots() throws SQLException {
        String sql = """
            SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint AS kept
            FROM pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL ORDER BY kept DESC LIMIT 1
            """;
        return ask(
                sql,
                null,
                row -> row.getLong(2) > limits.replicaBytes()
                        ? "slot '" + row.getString(1) + "' keeps " + mib(row.getLong(2))
                                + " MiB of WAL for somebody who is away"
                        : null);
    }

    private Optional<String> writeAhead() throws SQLException {
        return ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint", null, row -> {
            Wal now = new Wal(System.nanoTime(), row.getLong(1));
            Wal before = last;
            last = now;
            if (before == null) {
                return null;
            }
            double seconds = Math.max(1e-3, (now.nanos() - before.nanos()) / 1e9);
            long rate = (long) ((now.bytes() - before.bytes()) / seconds);
            return rate > limits.walPerSecond() ? "the server writes " + mib(rate) + " MiB of WAL a second" : null;
        });
    }

    private Optional<String> archiver() throws SQLException {
        String sql = """
            SELECT coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
                   pg_walfile_name(pg_current_wal_lsn()), coalesce(last_archived_wal, ''),
                   (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')
            FROM pg_stat_archiver WHERE current_setting('archive_mode') <> 'off'
            """;
        return ask(sql, null, row -> {
            if (row.getBoolean(1)) {
                return "the archiver fails";
            }
            long behind = row.getString(3).length() < 24
                    ? 0
                    : segment(row.getString(2), row.getLong(4)) - segment(row.getString(3), row.getLong(4));
            return behind > limits.segmentsToArchive() ? behind + " WAL files wait to be archived" : null;
        });
    }

    /** The number of a WAL file: eight digits of timeline, eight of the high and eight of the low part. */
    private static long segment(String file, long segmentSize) {
        long high = Long.parseLong(file.substring(8, 16), 16);
        long low = Long.parseLong(file.substring(16, 24), 16);
        return high * ((1L << 32) / segmentSize) + low;
    }

    private Optional<String> vacuum() throws SQLException {
        String sql = """
            SELECT count(*)
            FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid JOIN pg_class AS c ON c.oid = l.relation
            WHERE l.locktype = 'relation' AND l.relation IN (%s) AND l.granted
              AND l.mode = 'ShareUpdateExclusiveLock'
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND %s AND %s
            """.formatted(WITH_PARTITIONS, Autovacuums.IS_ONE, Autovacuums.AGAINST_WRAPAROUND);
        return ask(
                sql,
                table,
                row -> row.getLong(1) > 0 ? "an autovacuum against wraparound is at work on " + table : null);
    }

    private Optional<String> lockWaits() throws SQLException {
        String sql = """
            SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND relation IN (%s)
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """.formatted(WITH_PARTITIONS);
        return ask(
                sql,
                table,
                row -> row.getLong(1) > 0 ? row.getLong(1) + " sessions wait for a lock on " + table : null);
    }

    @FunctionalInterface
    private interface Reading {
        @Nullable
        String of(ResultSet row) throws SQLException;
    }

    private Optional<String> ask(String sql, @Nullable String aboutTable, Reading reading) throws SQLException {
        try (PreparedStatement select = control.prepareStatement(sql)) {
            if (aboutTable != null) {
                select.setString(1, aboutTable);
                select.setString(2, aboutTable);
            }
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.ofNullable(reading.of(row)) : Optional.empty();
            }
        }
    }

    private static long mib(long bytes) {
        return bytes >> 20;
    }
}
