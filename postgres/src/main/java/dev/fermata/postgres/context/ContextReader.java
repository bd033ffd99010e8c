package dev.fermata.postgres.context;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.context.OpenTransaction.Purpose;
import dev.fermata.postgres.lock.LockMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link TargetContext} with a handful of queries on views that are readable for everybody. Of other roles'
 * sessions the server shows only that they are there unless the role has {@code pg_read_all_stats} (manual, 27.2): then
 * their locks are known, but neither age nor purpose, and the context says so. Those are looked at twice, so that one that is
 * over in a moment is not told of; it takes a second where there are any.
 *
 * <p>Fermata's own transactions are left out for a minute: its changes wait for each other, and most of its copies of a
 * target are made by then.
 */
public final class ContextReader {
    private static final String SERVER = """
        SELECT clock_timestamp() AS at, coalesce(d.stats_reset, pg_postmaster_start_time()) AS since,
               s.locks * (s.connections + s.prepared) AS lock_slots, s.freeze, s.memory, s.wal,
               current_setting('wal_level') = 'logical' AS logical, pg_is_in_recovery() AS recovery
        FROM (SELECT current_setting('max_locks_per_transaction')::bigint AS locks,
                     current_setting('max_connections')::bigint AS connections,
                     current_setting('max_prepared_transactions')::bigint AS prepared,
                     current_setting('autovacuum_freeze_max_age')::bigint AS freeze,
                     pg_size_bytes(current_setting('maintenance_work_mem')) AS memory,
                     pg_size_bytes(current_setting('max_wal_size')) AS wal) s
          LEFT JOIN pg_stat_database d ON d.datname = current_database()
        """;

    /** Of hidden sessions {@code backend_xmin} and {@code backend_xid} are shown, and nothing of their course. */
    private static final String SESSIONS = """
        WITH vacuums AS (
            SELECT a.pid, bool_or(coalesce(%2$s, false)) AS against_wraparound
            FROM pg_stat_activity a
              LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'relation' AND l.database = a.datid
                AND l.mode = 'ShareUpdateExclusiveLock'
              LEFT JOIN pg_class c ON c.oid = l.relation
            WHERE a.datname = current_database() AND %1$s GROUP BY a.pid)
        SELECT a.pid, coalesce(a.application_name, '') AS application, a.backend_xmin IS NOT NULL AS snapshot,
               extract(epoch FROM clock_timestamp() - a.xact_start) AS age,
               a.query = '<insufficient privilege>' AS hidden,
               CASE WHEN auto.against_wraparound THEN 'wraparound'
                    WHEN auto.pid IS NOT NULL THEN 'autovacuum'
                    WHEN a.query = '<insufficient privilege>' THEN 'hidden'
                    WHEN v.pid IS NOT NULL THEN 'vacuum'
                    WHEN i.pid IS NOT NULL THEN 'index'
                    WHEN a.state LIKE 'idle in transaction%%' THEN 'idle'
                    ELSE '' END AS purpose
        FROM pg_stat_activity a
          LEFT JOIN vacuums auto ON auto.pid = a.pid
          LEFT JOIN pg_stat_progress_vacuum v ON v.pid = a.pid
          LEFT JOIN pg_stat_progress_create_index i ON i.pid = a.pid
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
          AND NOT (a.usename = session_user AND a.application_name ~ '^fermata[-/]'
                   AND clock_timestamp() - a.xact_start < interval '1 minute')
          AND (a.xact_start IS NOT NULL OR a.query = '<insufficient privilege>')
        ORDER BY a.xact_start, a.pid
        """.formatted(Autovacuums.IS_ONE, Autovacuums.AGAINST_WRAPAROUND);

    private static final String PREPARED = """
        SELECT p.gid, t.virtualtransaction AS holder, extract(epoch FROM clock_timestamp() - p.prepared) AS age
        FROM pg_prepared_xacts p LEFT JOIN pg_locks t ON t.locktype = 'transactionid' AND t.pid IS NULL AND t.granted
          AND t.transactionid = p.transaction
        WHERE p.database = current_database() ORDER BY p.prepared
        """;

    /** A prepared transaction has no process, and the virtual id of the session that prepared it. */
    private static final String LOCKS = """
        SELECT coalesce(l.pid::text, l.virtualtransaction) AS holder, l.virtualtransaction, n.nspname, c.relname, l.mode
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """;

    private static final String STANDBYS = """
        SELECT coalesce(nullif(r.application_name, ''), 'process ' || r.pid) AS name,
               coalesce(r.sync_state IN ('sync', 'quorum'), false) AS sync, extract(epoch FROM r.replay_lag) AS lag,
               CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn) END
                 AS bytes, r.sync_state IS NULL AS hidden, coalesce(r.state = 'backup' OR r.application_name = 'pg_basebackup', false)
                 AS backup
        FROM pg_stat_replication r ORDER BY 1
        """;

    private static final String SLOTS = """
        SELECT s.slot_name, s.slot_type = 'logical' AS logical, coalesce(s.database = current_database(), false) AS here,
               s.active, CASE WHEN pg_is_in_recovery() THEN NULL
                              ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) END AS bytes
        FROM pg_replication_slots s WHERE NOT s.temporary ORDER BY s.slot_name
        """;

    private static final String FROZEN = """
        SELECT n.nspname, c.relname, age(c.relfrozenxid) AS age
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND age(c.relfrozenxid) > current_setting('autovacuum_freeze_max_age')::bigint / 2
        """;

    private final Connection connection;
    private final List<Gap> gaps = new ArrayList<>();

    private ContextReader(Connection connection) {
        this.connection = connection;
    }

    /** With the rights of the connection's role; runs in autocommit or in the caller's transaction. */
    public static TargetContext read(Connection connection) throws SQLException {
        return new ContextReader(connection).read();
    }

    private interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    private <T> List<T> list(String sql, Reading<T> reading) throws SQLException {
        List<T> list = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                list.add(reading.of(rows));
            }
        }
        return list;
    }

    private record Server(Instant at, Instant since, ServerSettings settings) {}

    private TargetContext read() throws SQLException {
        boolean pooled = Pooler.isBetween(connection);
        Server server = list(SERVER, ContextReader::server).getFirst();
        List<OpenTransaction> transactions = transactions();
        List<Sender> senders = list(STANDBYS, ContextReader::sender);
        List<Slot> slots = list(
                SLOTS,
                row -> new Slot(
                        row.getString("slot_name"),
                        row.getBoolean("logical"),
                        row.getBoolean("here"),
                        row.getBoolean("active"),
                        orUnknown(row, "bytes")));
        Map<QualifiedName, Long> frozen = new HashMap<>();
        list(FROZEN, row -> frozen.put(name(row), row.getLong("age")));
        return new TargetContext(
                server.at,
                server.since,
                server.settings,
                pooled,
                transactions,
                senders.stream().anyMatch(Sender::backup),
                standbys(senders),
                slots,
                frozen,
                gaps);
    }

    private static Server server(ResultSet row) throws SQLException {
        return new Server(
                row.getTimestamp("at").toInstant(),
                row.getTimestamp("since").toInstant(),
                new ServerSettings(
                        row.getLong("lock_slots"),
                        row.getLong("freeze"),
                        row.getLong("memory"),
                        row.getLong("wal"),
                        row.getBoolean("logical"),
                        row.getBoolean("recovery")));
    }

    private List<OpenTransaction> transactions() throws SQLException {
        Map<String, Map<QualifiedName, LockMode>> locks = new LinkedHashMap<>();
        Map<String, String> holders = new HashMap<>();
        list(LOCKS, row -> {
            holders.put(row.getString("holder"), row.getString("virtualtransaction"));
            return locks.computeIfAbsent(row.getString("holder"), none -> new HashMap<>())
                    .merge(name(row), LockMode.ofPgName(row.getString("mode")), LockMode::strongest);
        });
        List<Session> sessions = withoutPassing(
                list(SESSIONS, row -> session(row, locks.getOrDefault(row.getString("pid"), Map.of()))), holders);
        List<OpenTransaction> prepared = list(
                PREPARED,
                row -> new OpenTransaction(
                        "'" + row.getString("gid") + "'",
                        Purpose.PREPARED,
                        duration(row, "age"),
                        false,
                        locks.getOrDefault(row.getString("holder"), Map.of())));
        if (sessions.stream().anyMatch(Session::isUnknown)) {
            gaps.add(new Gap("how old the transactions of other roles are and what they are for", grant()));
        }
        return Stream.concat(sessions.stream().filter(Session::isOpen).map(Session::transaction), prepared.stream())
                .toList();
    }

    /** Without what cannot be told to be old, and was over a second later. */
    private List<Session> withoutPassing(List<Session> sessions, Map<String, String> holders) throws SQLException {
        if (sessions.stream().noneMatch(Session::mayPass)) {
            return sessions;
        }
        list("SELECT pg_sleep(1)", row -> true);
        Map<String, String> still = new HashMap<>();
        list(LOCKS, row -> still.put(row.getString("holder"), row.getString("virtualtransaction")));
        return sessions.stream()
                .filter(session ->
                        !session.mayPass() || Objects.equals(holders.get(session.pid()), still.get(session.pid())))
                .toList();
    }

    private record Session(String pid, OpenTransaction transaction, boolean hidden) {
        boolean mayPass() {
            return isUnknown() && !transaction.locks().isEmpty();
        }

        /** Of a hidden session it is not told whether a transaction is open; a lock or a snapshot says so. */
        boolean isOpen() {
            return !hidden || transaction.snapshot() || !transaction.locks().isEmpty();
        }

        boolean isUnknown() {
            return hidden && transaction.purpose() == Purpose.UNKNOWN;
        }
    }

    private static Session session(ResultSet row, Map<QualifiedName, LockMode> locks) throws SQLException {
        String application = row.getString("application");
        Purpose purpose =
                switch (row.getString("purpose")) {
                    case "wraparound" -> Purpose.WRAPAROUND_VACUUM;
                    case "autovacuum" -> Purpose.AUTOVACUUM;
                    case "vacuum" -> Purpose.VACUUM;
                    case "index" -> Purpose.INDEX_BUILD;
                    case "idle" -> Purpose.IDLE;
                    case "hidden" -> Purpose.UNKNOWN;
                    default -> Purpose.APPLICATION;
                };
        OpenTransaction transaction = new OpenTransaction(
                "process " + row.getInt("pid") + (application.isEmpty() ? "" : " (" + application + ")"),
                application.equals("pg_dump") || application.equals("pg_dumpall") ? Purpose.DUMP : purpose,
                duration(row, "age"),
                row.getBoolean("snapshot"),
                locks);
        return new Session(row.getString("pid"), transaction, row.getBoolean("hidden"));
    }

    private record Sender(Standby standby, boolean hidden, boolean backup) {}

    private static Sender sender(ResultSet row) throws SQLException {
        return new Sender(
                new Standby(
                        row.getString("name"), row.getBoolean("sync"), duration(row, "lag"), orUnknown(row, "bytes")),
                row.getBoolean("hidden"),
                row.getBoolean("backup"));
    }

    private List<Standby> standbys(List<Sender> senders) throws SQLException {
        if (senders.stream().anyMatch(Sender::hidden)) {
            gaps.add(new Gap("how far standbys are behind and whether commits wait for them", grant()));
        }
        return senders.stream()
                .filter(sender -> !sender.backup())
                .map(Sender::standby)
                .toList();
    }

    private String grant() throws SQLException {
        return list("SELECT 'GRANT pg_read_all_stats TO ' || quote_ident(current_user)", row -> row.getString(1))
                .getFirst();
    }

    private static QualifiedName name(ResultSet row) throws SQLException {
        return new QualifiedName(row.getString("nspname"), row.getString("relname"));
    }

    private static long orUnknown(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? -1 : value;
    }

    private static @Nullable Duration duration(ResultSet row, String column) throws SQLException {
        double seconds = row.getDouble(column);
        return row.wasNull() ? null : Duration.ofMillis(Math.max(0, Math.round(seconds * 1000)));
    }
}
