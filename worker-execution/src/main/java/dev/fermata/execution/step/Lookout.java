package dev.fermata.execution.step;

import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.message.ExecutionMessage.StepBlocked.Blocker;
import dev.fermata.postgres.context.Autovacuums;
import dev.fermata.postgres.lock.LockMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Looks, without standing in any queue, for those who hold what a step will need and will not let go of it soon:
 * transactions that are old already, prepared ones, pg_dump, and an autovacuum against wraparound.
 *
 * <p>A role without {@code pg_read_all_stats} does not see how old a foreign transaction is. One that was there at an
 * earlier look, and still is, counts as old all the same.
 */
final class Lookout {
    private static final String HOLDERS = """
        SELECT coalesce(l.pid, 0), coalesce(a.application_name, ''), coalesce(a.state, ''),
               coalesce(1000 * extract(epoch FROM clock_timestamp() - a.xact_start), -1)::bigint, l.virtualtransaction,
               coalesce(%1$s, false), coalesce(%1$s AND %2$s, false)
        FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid LEFT JOIN pg_class AS c ON c.oid = l.relation
        WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM ?
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.relation = ANY (?) AND l.mode = ANY (?)
        """.formatted(Autovacuums.IS_ONE, Autovacuums.AGAINST_WRAPAROUND);

    private final Connection control;
    private final int pid;
    private final List<Wanted> wanted;
    private final Map<String, Long> firstSeen = new HashMap<>();

    /**
     * What a step will need.
     *
     * @param relation as SQL
     * @param isTable rather than an index or a sequence
     * @param oids its own and those of its partitions
     */
    private record Wanted(String relation, boolean isTable, List<Long> oids, LockMode mode) {}

    /** @param pid of our own session, which is in nobody's way */
    Lookout(Connection control, int pid, List<RelationLock> locks) throws SQLException {
        this.control = control;
        this.pid = pid;
        this.wanted = wanted(locks);
    }

    /**
     * What was seen.
     *
     * @param inTheWay who will not go soon
     * @param vacuumed tables, as SQL, with an ordinary autovacuum at work, which gives way to who waits for it a second
     */
    record Seen(List<Blocker> inTheWay, List<String> vacuumed) {}

    /** Only locks that make readers or writers wait, on what is there. */
    private List<Wanted> wanted(List<RelationLock> locks) throws SQLException {
        List<Wanted> found = new ArrayList<>();
        for (RelationLock lock : locks) {
            LockMode mode = mode(lock.mode());
            if (mode.blocksWrites()) {
                find(lock.relation(), mode).ifPresent(found::add);
            }
        }
        return found;
    }

    /** As {@link LockMode#sql} has them; whatever else it says may be the strongest. */
    static LockMode mode(String sql) {
        return Stream.of(LockMode.values())
                .filter(mode -> mode.sql().equals(sql))
                .findFirst()
                .orElse(LockMode.ACCESS_EXCLUSIVE);
    }

    private Optional<Wanted> find(String relation, LockMode mode) throws SQLException {
        String sql = """
            SELECT oid::bigint, relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass(?)
            UNION SELECT relid::oid::bigint, true FROM pg_partition_tree(to_regclass(?))
            """;
        Set<Long> oids = new LinkedHashSet<>();
        boolean table = false;
        try (PreparedStatement select = control.prepareStatement(sql)) {
            select.setString(1, relation);
            select.setString(2, relation);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    oids.add(rows.getLong(1));
                    table |= rows.getBoolean(2);
                }
            }
        }
        return oids.isEmpty() ? Optional.empty() : Optional.of(new Wanted(relation, table, List.copyOf(oids), mode));
    }

    /** @param old age from which a transaction is not expected to end while we wait for it */
    Seen look(Duration old) throws SQLException {
        Set<Blocker> inTheWay = new LinkedHashSet<>();
        Set<String> vacuumed = new LinkedHashSet<>();
        for (Wanted each : wanted) {
            if (look(each, old, inTheWay) && each.isTable()) {
                vacuumed.add(each.relation());
            }
        }
        return new Seen(List.copyOf(inTheWay), List.copyOf(vacuumed));
    }

    private boolean look(Wanted what, Duration old, Set<Blocker> inTheWay) throws SQLException {
        boolean autovacuum = false;
        try (PreparedStatement select = control.prepareStatement(HOLDERS)) {
            select.setInt(1, pid);
            select.setArray(2, control.createArrayOf("oid", what.oids().toArray()));
            select.setArray(3, control.createArrayOf("text", conflicting(what.mode())));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    if (rows.getBoolean(6) && !rows.getBoolean(7)) {
                        autovacuum = true;
                    } else if (rows.getBoolean(7) || willStay(rows, old)) {
                        inTheWay.add(blocker(rows));
                    }
                }
            }
        }
        return autovacuum;
    }

    private static Object[] conflicting(LockMode mode) {
        return Stream.of(LockMode.values())
                .filter(mode::conflictsWith)
                .map(LockMode::pgName)
                .toArray();
    }

    private boolean willStay(ResultSet row, Duration old) throws SQLException {
        if (row.getInt(1) == 0 || row.getString(2).equals("pg_dump")) {
            return true; // a prepared transaction, or one that reads all there is
        }
        long age = row.getLong(4);
        if (age >= 0) {
            return age > old.toMillis();
        }
        long first = firstSeen.computeIfAbsent(row.getInt(1) + " " + row.getString(5), any -> System.nanoTime());
        return System.nanoTime() - first > old.toNanos();
    }

    private static Blocker blocker(ResultSet row) throws SQLException {
        int pid = row.getInt(1);
        String name = pid == 0 ? "a prepared transaction" : row.getString(2);
        if (row.getBoolean(7)) {
            name = "autovacuum (to prevent wraparound)";
        }
        return new Blocker(pid, name, row.getString(3), Duration.ofMillis(Math.max(0, row.getLong(4))));
    }
}
