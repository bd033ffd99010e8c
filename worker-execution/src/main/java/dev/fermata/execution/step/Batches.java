package dev.fermata.execution.step;

import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.execution.ledger.Entry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A data change in ranges of its key. Each range is one transaction that locks its rows, keeps what it overwrites, changes
 * it and moves the checkpoint {@code reached/upper}; the upper bound is the highest key at the beginning.
 */
final class Batches {
    private static final Duration TELL_EVERY = Duration.ofMillis(500);

    private final StepRunner runner;
    private final Action action;
    private final Batching batching;

    Batches(StepRunner runner, Action action) {
        this.runner = runner;
        this.action = action;
        Batching given = action.batching();
        if (given == null) {
            throw new IllegalArgumentException("step " + action.step() + " has no batching");
        }
        this.batching = given;
    }

    private record Checkpoint(long reached, long upper) {
        static Checkpoint parse(String text) {
            int slash = text.indexOf('/');
            return new Checkpoint(Long.parseLong(text.substring(0, slash)), Long.parseLong(text.substring(slash + 1)));
        }

        @Override
        public String toString() {
            return reached + "/" + upper;
        }
    }

    StepResult run(@Nullable Entry entry) throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        String kept = entry != null && continues(entry.state()) ? entry.checkpoint() : null;
        Checkpoint at = kept == null ? begin() : Checkpoint.parse(kept);
        long rows = kept == null || entry == null ? 0 : entry.rows();
        long first = at.reached();
        Duration waited = Duration.ZERO;
        int attempts = 0;
        long told = System.nanoTime();
        while (at.reached() < at.upper()) {
            Checkpoint from = at;
            long to = nextBound(from);
            long done = rows;
            StepResult batch = runner.attempts(action, runner.lockTimeout(), tries -> range(from, to, done));
            rows += Math.max(0, batch.rows());
            waited = waited.plus(batch.lockWait());
            attempts += batch.attempts();
            at = new Checkpoint(to, from.upper());
            if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
                told = System.nanoTime();
                runner.listener()
                        .progressed(action.step(), action.direction(), at.reached() - first, at.upper() - first);
            }
        }
        finish(at, rows, waited, attempts);
        return new StepResult(Duration.ofNanos(System.nanoTime() - begin), waited, rows, Math.max(1, attempts), false);
    }

    private boolean continues(Entry.State state) {
        return action.direction() == Direction.FORWARD ? state == Entry.State.STARTED : state == Entry.State.UNDOING;
    }

    private Checkpoint begin() throws SQLException {
        return runner.session().inTransaction(connection -> {
            String source = action.direction() == Direction.FORWARD ? batching.table() : batching.beforeImages();
            if (action.direction() == Direction.FORWARD) {
                createImages(connection);
            } else if (!exists(connection, batching.beforeImages())) {
                return new Checkpoint(0, 0); // the step had not come to its first range
            }
            Checkpoint bounds = bounds(connection, source);
            action.recordBegun(runner.ledger(), connection, bounds.toString(), 0);
            return bounds;
        });
    }

    private void createImages(Connection connection) throws SQLException {
        String columns = batching.changedColumns().isEmpty()
                ? "*"
                : batching.key() + ", " + prefixed("before_") + ", " + prefixed("after_");
        try (Statement create = connection.createStatement()) {
            create.execute("CREATE TABLE IF NOT EXISTS " + batching.beforeImages() + " AS SELECT " + columns + " FROM "
                    + batching.table() + " WHERE false");
            create.execute("CREATE INDEX ON " + batching.beforeImages() + " (" + batching.key() + ")");
        }
    }

    private String prefixed(String prefix) {
        return batching.changedColumns().stream()
                .map(c -> c + " AS " + Images.column(prefix, c))
                .collect(Collectors.joining(", "));
    }

    private static boolean exists(Connection connection, String table) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            select.setString(1, table);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private Checkpoint bounds(Connection connection, String table) throws SQLException {
        String sql = "SELECT coalesce(min(" + batching.key() + "), 1)::bigint - 1, coalesce(max(" + batching.key()
                + "), 0)::bigint FROM " + table;
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(sql)) {
            row.next();
            return new Checkpoint(row.getLong(1), row.getLong(2));
        }
    }

    private long nextBound(Checkpoint from) throws SQLException {
        String source = action.direction() == Direction.FORWARD ? batching.table() : batching.beforeImages();
        String sql = "SELECT max(k) FROM (SELECT " + batching.key() + " AS k FROM " + source + " WHERE "
                + batching.key() + " > ? AND " + batching.key() + " <= ? ORDER BY 1 LIMIT " + batching.rowsPerBatch()
                + ") AS range";
        try (PreparedStatement select = runner.session().connection().prepareStatement(sql)) {
            select.setLong(1, from.reached());
            select.setLong(2, from.upper());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long bound = row.getLong(1);
                return row.wasNull() ? from.upper() : bound;
            }
        }
    }

    private long range(Checkpoint from, long to, long rowsBefore) throws SQLException {
        return runner.session().inTransaction(connection -> {
            runner.limit(connection, runner.lockTimeout());
            String sql = action.sql()
                    .get(0)
                    .replace(":from", Long.toString(from.reached()))
                    .replace(":to", Long.toString(to));
            long rows = action.direction() == Direction.FORWARD
                    ? changeKeeping(connection, sql, from.reached(), to)
                    : StepRunner.execute(connection, List.of(sql));
            action.recordBegun(
                    runner.ledger(),
                    connection,
                    new Checkpoint(to, from.upper()).toString(),
                    rowsBefore + Math.max(0, rows));
            return rows;
        });
    }

    /**
     * Locks the rows first, in a statement of its own: the one after it then sees them as they are, so that what is kept is
     * what is overwritten.
     */
    private long changeKeeping(Connection connection, String sql, long from, long to) throws SQLException {
        String range = batching.key() + " > " + from + " AND " + batching.key() + " <= " + to;
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SELECT count(*) FROM (SELECT 1 FROM " + batching.table() + " WHERE " + range
                    + " ORDER BY " + batching.key() + " FOR UPDATE) AS locked");
            return statement.executeLargeUpdate(Images.keeping(batching, sql));
        }
    }

    private void finish(Checkpoint at, long rows, Duration waited, int attempts) throws SQLException {
        runner.session().change(connection -> {
            if (action.direction() == Direction.BACK) {
                try (Statement drop = connection.createStatement()) {
                    drop.execute("DROP TABLE IF EXISTS " + batching.beforeImages());
                }
            }
            action.recordDone(runner.ledger(), connection, at.toString(), rows, waited, attempts);
        });
    }
}
