package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.execution.ledger.Entry;
import dev.fermata.execution.step.Attempts.Queueing;
import dev.fermata.execution.step.Attempts.Telling;
import dev.fermata.execution.step.Attempts.Try;
import dev.fermata.execution.step.KeyRanges.Bounds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A data change in ranges of its key. Each range is one transaction that changes its rows, keeps what it overwrites and
 * moves the checkpoint; the upper bound is the highest key at the beginning. The ranges grow and shrink to what takes
 * a target time, are split when they are stopped, and wait while the server cannot take more.
 *
 * <p>Without a key rows move while the table is gone through, so that it is gone through again until nothing is found to do.
 */
final class Batches {
    private static final Duration TELL_EVERY = Duration.ofMillis(500);

    /** Each finds but what was written while the one before it went by; a default that may be NULL would never end it. */
    private static final int MOST_PASSES = 8;

    /** The version of the server that returns from an UPDATE what it overwrites. */
    private static final int RETURNS_OLD = 18;

    private static final String CANCELLED = "57014";
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final StepRunner runner;
    private final Action action;
    private final Batching batching;
    private final KeyRanges ranges;
    private final BatchSize size;
    private final Brake brake;
    private final Pace pace = new Pace();
    private long told = System.nanoTime();
    private long rows;
    private Duration waited = Duration.ZERO;
    private int attempts;

    Batches(StepRunner runner, Action action) {
        this.runner = runner;
        this.action = action;
        Batching given = action.batching();
        if (given == null) {
            throw new IllegalArgumentException("step " + action.step() + " has no batching");
        }
        this.batching = given;
        this.ranges = KeyRanges.of(given);
        this.size = new BatchSize(given.rowsPerBatch(), runner.limits().batchTime());
        this.brake = new Brake(runner.control(), given.table(), runner.limits().brakes());
    }

    StepResult run(@Nullable Entry entry) throws SQLException, StepFailedException, InterruptedException {
        long begin = System.nanoTime();
        String kept = entry == null ? null : entry.checkpoint();
        runner.gate().pass(action, brake, standing(Bounds.nothing()));
        rows = kept == null || entry == null ? 0 : entry.rows();
        Bounds at = kept == null ? begin() : Bounds.parse(kept);
        pace.mark(begin, at.rowsSeen());
        boolean whole = kept == null;
        for (int pass = 1; ; pass++) {
            long before = rows;
            at = pass(at, pass == 1);
            if (!ranges.mayMiss() || (whole && rows == before) || pass == MOST_PASSES) {
                break;
            }
            at = begin();
            whole = true;
        }
        finish(at);
        return new StepResult(Duration.ofNanos(System.nanoTime() - begin), waited, rows, Math.max(1, attempts), false);
    }

    /** From there to the end. */
    private Bounds pass(Bounds from, boolean told) throws SQLException, StepFailedException, InterruptedException {
        Bounds at = from;
        while (!at.reachedEnd()) {
            passGate(at);
            Batch batch = next(at);
            rows += Math.max(0, batch.result().rows());
            waited = waited.plus(batch.result().lockWait());
            attempts += batch.result().attempts();
            at = batch.to();
            if (told) {
                tell(at);
            }
        }
        return at;
    }

    private void passGate(Bounds at) throws SQLException, StepFailedException, InterruptedException {
        boolean stood = runner.gate().passNowAndThen(action, brake, standing(at));
        if (stood) {
            pace.stoodStill();
            pace.mark(System.nanoTime(), at.rowsSeen());
        }
    }

    private Gate.Standing standing(Bounds at) {
        return why -> runner.listener()
                .progressed(
                        action.step(), action.direction(), progress(at, null).held(why));
    }

    /** What was done, and how far it came. */
    private record Batch(Bounds to, StepResult result) {}

    /** The next range; a smaller one, as often as it is stopped. */
    private Batch next(Bounds from) throws SQLException, StepFailedException, InterruptedException {
        while (true) {
            AtomicReference<Bounds> reached = new AtomicReference<>(from);
            try {
                StepResult result = runner.attempts(size.rows() == 1)
                        .run(action, Queueing.SHORT, Telling.CALLER, attempt -> range(attempt, from, reached));
                if (!reached.get().reachedEnd() && result.attempts() == 1) {
                    size.took(result.elapsed());
                }
                runner.gate().slowDown(result.elapsed());
                return new Batch(reached.get(), result);
            } catch (StepFailedException e) {
                if (!wasStopped(e) || !size.halve()) {
                    throw e;
                }
            }
        }
    }

    private static boolean wasStopped(StepFailedException e) {
        String state = e.failure().sqlState();
        return CANCELLED.equals(state) || LOCK_NOT_AVAILABLE.equals(state);
    }

    private void tell(Bounds at) {
        long now = System.nanoTime();
        pace.mark(now, at.rowsSeen());
        if (now - told > TELL_EVERY.toNanos()) {
            told = now;
            runner.listener()
                    .progressed(action.step(), action.direction(), progress(at, pace.remaining(at.rowsInAll())));
        }
    }

    private static Progress progress(Bounds at, @Nullable Duration remaining) {
        return new Progress(at.rowsSeen(), at.rowsInAll() <= 0 ? -1 : at.rowsInAll(), "rows", remaining, null);
    }

    private Bounds begin() throws SQLException, StepFailedException, InterruptedException {
        AtomicReference<Bounds> found = new AtomicReference<>(Bounds.nothing());
        runner.attempts(true).run(action, Queueing.SHORT, Telling.CALLER, attempt -> runner.session()
                .inTransaction(
                        connection -> {
                            runner.limit(connection, attempt);
                            found.set(begin(connection));
                            return 0L;
                        },
                        attempt.settled()));
        return found.get();
    }

    private Bounds begin(Connection connection) throws SQLException {
        if (!exists(connection, batching.table())) {
            return Bounds.nothing(); // an inverse, of a step that had not come to its first range
        }
        createImages(connection);
        Bounds bounds = ranges.all(connection);
        action.recordBegun(runner.ledger(), connection, bounds.toString(), rows);
        return bounds;
    }

    private void createImages(Connection connection) throws SQLException {
        if (batching.beforeImages() != null) {
            try (Statement create = connection.createStatement()) {
                create.execute(Images.create(batching));
            }
        }
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

    private long range(Try attempt, Bounds from, AtomicReference<Bounds> reached) throws SQLException {
        return runner.session()
                .inTransaction(
                        connection -> {
                            runner.limit(connection, attempt);
                            Bounds to = ranges.next(connection, from, size.rows());
                            reached.set(to);
                            return range(connection, from, to);
                        },
                        attempt.settled());
    }

    private long range(Connection connection, Bounds from, Bounds to) throws SQLException {
        String sql = action.what().replace(Batching.RANGE, ranges.condition(batching.alias(), from, to));
        long changed = batching.beforeImages() == null
                ? StepRunner.execute(connection, List.of(sql))
                : changeKeeping(connection, sql, from, to);
        action.recordBegun(runner.ledger(), connection, to.toString(), rows + Math.max(0, changed));
        runner.listener().committing(action.step(), action.direction(), connection);
        return changed;
    }

    private long changeKeeping(Connection connection, String sql, Bounds from, Bounds to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            if (connection.getMetaData().getDatabaseMajorVersion() >= RETURNS_OLD) {
                return statement.executeLargeUpdate(Images.keepingOld(batching, sql));
            }
            if (!batching.changedColumns().isEmpty()) {
                lock(statement, from, to);
            }
            return statement.executeLargeUpdate(Images.keeping(batching, sql));
        }
    }

    /**
     * In a statement of its own: the one after it then sees the rows as they are, so that what is kept is what is
     * overwritten. Rows that refer to them may be added meanwhile.
     */
    private void lock(Statement statement, Bounds from, Bounds to) throws SQLException {
        statement.execute("SELECT count(*) FROM (SELECT 1 FROM " + batching.table() + " AS locked WHERE "
                + ranges.condition("locked", from, to) + " ORDER BY " + ranges.columns()
                + " FOR NO KEY UPDATE) AS locked");
    }

    private void finish(Bounds at) throws SQLException {
        runner.session().change(connection -> {
            action.recordDone(runner.ledger(), connection, at.toString(), rows, waited, attempts);
        });
    }
}
