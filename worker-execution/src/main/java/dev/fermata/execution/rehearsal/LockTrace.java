package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.StepFacts.HeldLock;
import dev.fermata.execution.rehearsal.RelationFiles.Relation;
import dev.fermata.postgres.lock.LockMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The locks that one session held on relations of the user during a step, and for how long. It is told of them by two: by
 * the session itself right before each commit, which is exact, and by somebody who looks on, who may miss what is short.
 * Relations that the step itself made do not count: nobody can wait for them. Thread-safe.
 */
final class LockTrace {
    private static final int MOST = 40;
    private static final String HELD = """
        SELECT relation::bigint, mode, virtualtransaction FROM pg_locks
        WHERE pid = ? AND granted AND locktype = 'relation'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private final RelationFiles relations;
    private final Map<Long, LockMode> strongest = new HashMap<>();
    private final Map<LockMode, Duration> held = new HashMap<>();
    private final Map<Lock, Long> open = new HashMap<>();
    private long lookedAt;
    private int commits;

    /** @param relations before the step */
    LockTrace(RelationFiles relations) {
        this.relations = relations;
        this.lookedAt = System.nanoTime();
    }

    /** @param transaction so that those of two batches, one right after the other, are not taken for one */
    private record Lock(long relation, LockMode mode, String transaction) {}

    /** What the session holds now, in its own transaction. */
    synchronized void atCommit(Connection connection, int pid) throws SQLException {
        Duration age;
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT (1000000 * extract(epoch FROM clock_timestamp() - transaction_timestamp()))::bigint");
                ResultSet row = select.executeQuery()) {
            row.next();
            age = Duration.ofNanos(row.getLong(1) * 1000);
        }
        for (Lock lock : read(connection, pid)) {
            note(lock, age);
        }
        commits++;
    }

    /** What somebody else sees now. */
    void look(Connection observer, int pid) throws SQLException {
        Set<Lock> now = read(observer, pid);
        seen(now, System.nanoTime());
    }

    private synchronized void seen(Set<Lock> now, long at) {
        for (Lock lock : now) {
            long since = open.computeIfAbsent(lock, fresh -> lookedAt);
            note(lock, Duration.ofNanos(at - since));
        }
        open.entrySet().removeIf(entry -> {
            boolean gone = !now.contains(entry.getKey());
            if (gone) {
                note(entry.getKey(), Duration.ofNanos(at - entry.getValue()));
            }
            return gone;
        });
        lookedAt = at;
    }

    private void note(Lock lock, Duration age) {
        strongest.merge(lock.relation(), lock.mode(), LockMode::strongest);
        held.merge(lock.mode(), age, (a, b) -> a.compareTo(b) >= 0 ? a : b);
    }

    private Set<Lock> read(Connection connection, int pid) throws SQLException {
        Set<Lock> locks = new HashSet<>();
        try (PreparedStatement select = connection.prepareStatement(HELD)) {
            select.setInt(1, pid);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Lock lock = new Lock(rows.getLong(1), LockMode.ofPgName(rows.getString(2)), rows.getString(3));
                    if (relations
                            .relation(lock.relation())
                            .filter(r -> counts(r, lock.mode()))
                            .isPresent()) {
                        locks.add(lock);
                    }
                }
            }
        }
        return locks;
    }

    /** Indexes are locked along with every use of their table, which says nothing new. */
    private static boolean counts(Relation relation, LockMode mode) {
        return !relation.isIndex() || mode.compareTo(LockMode.ROW_EXCLUSIVE) > 0;
    }

    /** Strongest first. */
    synchronized List<HeldLock> locks() {
        return strongest.entrySet().stream()
                .sorted(Map.Entry.<Long, LockMode>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(entry -> name(entry.getKey())))
                .limit(MOST)
                .map(entry ->
                        new HeldLock(name(entry.getKey()), entry.getValue().sql()))
                .toList();
    }

    private String name(long oid) {
        return relations
                .relation(oid)
                .map(relation -> relation.name().toString())
                .orElse(Long.toString(oid));
    }

    /** How long the strongest lock was held at most; zero where there was none. */
    synchronized Duration strongestHeld() {
        return strongest.values().stream()
                .max(Comparator.naturalOrder())
                .map(mode -> held.getOrDefault(mode, Duration.ZERO))
                .orElse(Duration.ZERO);
    }

    /** How the locks were seen, for people. */
    synchronized String from(Duration interval) {
        return commits > 0
                ? "read by the session right before "
                        + (commits == 1 ? "its commit" : "each of " + commits + " commits")
                : "seen by looking every " + interval.toMillis() + " ms";
    }
}
