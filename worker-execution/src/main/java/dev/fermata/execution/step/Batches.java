package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.step.Attempts.Queueing;
import dev.fermata.execution.step.Attempts.Try;
import dev.fermata.execution.step.KeyRanges.Bounds;
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
 * it and moves the checkpoint; the upper bound is the highest key at the beginning.
 */
final class Batches {
    private static final Duration TELL_EVERY = Duration.ofMillis(500);

    private final StepRunner runner;
    private final Action action;
    private final Batching batching;
    private final KeyRanges ranges;

    Batches(StepRunner runner, Action action) {
        this.runner = runner;
        this.action = action;
        Batching given = action.batching();
        if (given == null) {
            throw new IllegalArgumentException("step " + action.step() + " has no batching");
        }
        this.batching = given;
        this.ranges = KeyRanges.of(given);
    }

    StepResult run(@Nullable Entry entry) throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        String kept = entry == null ? null : entry.checkpoint();
        Bounds at = kept == null ? begin() : Bounds.parse(kept);
        long rows = kept == null || entry == null ? 0 : entry.rows();
        Duration waited = Duration.ZERO;
        int attempts = 0;
        long told = System.nanoTime();
        while (!at.reachedEnd()) {
            Bounds from = at;
            Bounds to = ranges.next(runner.session().connection(), from, batching.rowsPerBatch());
            long done = rows;
            StepResult batch =
                    runner.attempts().run(action, Queueing.SHORT, null, attempt -> range(attempt, from, to, done));
            rows += Math.max(0, batch.rows());
            waited = waited.plus(batch.lockWait());
            attempts += batch.attempts();
            at = to;
            if (System.nanoTime() - told > TELL_EVERY.toNanos()) {
                told = System.nanoTime();
                runner.listener().progressed(action.step(), action.direction(), at.rowsSeen(), at.rowsInAll());
            }
        }
        finish(at, rows, waited, attempts);
        return new StepResult(Duration.ofNanos(System.nanoTime() - begin), waited, rows, Math.max(1, attempts), false);
    }

    private Bounds begin() throws SQLException {
        return runner.session().inTransaction(connection -> {
            if (!exists(connection, batching.table())) {
                return Bounds.nothing(); // an inverse, of a step that had not come to its first range
            }
            createImages(connection);
            Bounds bounds = ranges.all(connection);
            action.recordBegun(runner.ledger(), connection, bounds.toString(), 0);
            return bounds;
        });
    }

    private void createImages(Connection connection) throws SQLException {
        String images = batching.beforeImages();
        if (images == null) {
            return;
        }
        String columns = batching.changedColumns().isEmpty()
                ? "*"
                : ranges.columns() + ", " + prefixed("before_") + ", " + prefixed("after_");
        try (Statement create = connection.createStatement()) {
            create.execute("CREATE TABLE IF NOT EXISTS " + images + " AS SELECT " + columns + " FROM "
                    + batching.table() + " WHERE false");
            create.execute("CREATE INDEX ON " + images + " (" + ranges.columns() + ")");
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

    private long range(Try attempt, Bounds from, Bounds to, long rowsBefore) throws SQLException {
        return runner.session()
                .inTransaction(
                        connection -> {
                            runner.limit(connection, attempt);
                            String sql = action.sql()
                                    .get(0)
                                    .replace(Batching.RANGE, ranges.condition(batching.alias(), from, to));
                            long rows = batching.beforeImages() == null
                                    ? StepRunner.execute(connection, List.of(sql))
                                    : changeKeeping(connection, sql, from, to);
                            action.recordBegun(
                                    runner.ledger(), connection, to.toString(), rowsBefore + Math.max(0, rows));
                            return rows;
                        },
                        attempt.settled());
    }

    /**
     * Locks the rows first, in a statement of its own: the one after it then sees them as they are, so that what is kept is
     * what is overwritten.
     */
    private long changeKeeping(Connection connection, String sql, Bounds from, Bounds to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SELECT count(*) FROM (SELECT 1 FROM " + batching.table() + " AS locked WHERE "
                    + ranges.condition("locked", from, to) + " ORDER BY " + ranges.columns()
                    + " FOR UPDATE) AS locked");
            return statement.executeLargeUpdate(Images.keeping(batching, sql));
        }
    }

    private void finish(Bounds at, long rows, Duration waited, int attempts) throws SQLException {
        runner.session().change(connection -> {
            action.recordDone(runner.ledger(), connection, at.toString(), rows, waited, attempts);
        });
    }
}
