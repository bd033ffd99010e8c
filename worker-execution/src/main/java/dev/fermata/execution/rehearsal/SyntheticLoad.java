package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Somebody who uses the tables all the time while steps run on a clone, to see how long an application would wait. The
 * reader reads a row. The writer takes what an UPDATE of a row takes, the lock on the table and the one on the row, and
 * rolls back: no trigger fires, no row changes, none is left dead.
 *
 * <p>A wait ends after less than {@code deadlock_timeout} and is begun again, so that in a deadlock with a step it is
 * never the step that gives way; the stall counts from the first try.
 */
final class SyntheticLoad implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(SyntheticLoad.class);
    private static final Duration GIVE_WAY = Duration.ofMillis(800);
    private static final Duration PAUSE = Duration.ofMillis(4);
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    private static final String DEADLOCK = "40P01";

    private final Connection connection;
    private final List<QualifiedName> tables;
    private final Use use;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    private long measuredFrom = System.nanoTime();
    private long longestNanos;
    private long inUseSince;
    private boolean anyUse;

    /** One use of a table. */
    @FunctionalInterface
    interface Use {
        void of(Connection connection, QualifiedName table) throws SQLException;
    }

    private SyntheticLoad(Connection connection, Collection<QualifiedName> tables, String name, Use use) {
        this.connection = connection;
        this.tables = List.copyOf(tables);
        this.use = use;
        this.thread = Thread.ofVirtual().name("synthetic-" + name).unstarted(this::run);
    }

    static SyntheticLoad reader(TargetDatabase database, Collection<QualifiedName> tables) {
        return start(database, tables, "reader", (connection, table) -> {
            try (Statement select = connection.createStatement()) {
                select.execute("SELECT * FROM " + table.sql() + " LIMIT 1");
            }
        });
    }

    static SyntheticLoad writer(TargetDatabase database, Collection<QualifiedName> tables) {
        RandomGenerator random = RandomGeneratorFactory.getDefault().create(1);
        return start(database, tables, "writer", (connection, table) -> {
            connection.setAutoCommit(false);
            try {
                lockRow(connection, table, random);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }

    /** Of a page anywhere in the table, as an application would. */
    private static void lockRow(Connection connection, QualifiedName table, RandomGenerator random)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE " + table.sql() + " IN ROW EXCLUSIVE MODE");
            long page = 0;
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT greatest(relpages, 1) FROM pg_class WHERE oid = to_regclass(?)")) {
                select.setString(1, table.sql());
                try (ResultSet row = select.executeQuery()) {
                    page = row.next() ? random.nextLong(row.getLong(1)) : 0;
                }
            }
            statement.execute("SELECT 1 FROM " + table.sql() + " WHERE ctid >= '(" + page
                    + ",0)'::tid LIMIT 1 FOR NO KEY UPDATE");
        }
    }

    private static SyntheticLoad start(
            TargetDatabase database, Collection<QualifiedName> tables, String name, Use use) {
        Session session = Session.writer("fermata-synthetic-" + name).withLockTimeout(GIVE_WAY);
        SyntheticLoad load = new SyntheticLoad(database.open(session), tables, name, use);
        load.thread.start();
        return load;
    }

    private void run() {
        List<QualifiedName> usable = new ArrayList<>();
        try {
            for (int turn = 0; !stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS); turn++) {
                if (turn % 100 == 0) {
                    usable = new ArrayList<>(tables); // what was renamed away may be back
                }
                if (!usable.isEmpty()) {
                    QualifiedName table = usable.get(turn % usable.size());
                    if (!use(table)) {
                        usable.remove(table);
                    }
                }
            }
        } catch (SQLException e) {
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("synthetic load ended early");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** False when the table cannot be used: it is gone, or has another shape. */
    private boolean use(QualifiedName table) throws SQLException {
        begin();
        while (stopping.getCount() > 0) {
            try {
                use.of(connection, table);
                end();
                return true;
            } catch (SQLException e) {
                if (connection.isClosed()) {
                    throw e;
                }
                if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState()) && !DEADLOCK.equals(e.getSQLState())) {
                    forget();
                    return false;
                }
            }
        }
        forget();
        return true;
    }

    private synchronized void begin() {
        inUseSince = System.nanoTime();
    }

    private synchronized void end() {
        longestNanos = Math.max(longestNanos, System.nanoTime() - Math.max(inUseSince, measuredFrom));
        anyUse = true;
        inUseSince = 0;
    }

    private synchronized void forget() {
        inUseSince = 0;
    }

    /** Begins to measure anew. */
    synchronized void measure() {
        measuredFrom = System.nanoTime();
        longestNanos = 0;
        anyUse = false;
    }

    /** The longest wait since {@link #measure}, the present one included; empty where no table could be used. */
    synchronized Optional<Duration> longest() {
        if (inUseSince != 0) {
            longestNanos = Math.max(longestNanos, System.nanoTime() - Math.max(inUseSince, measuredFrom));
            return Optional.of(Duration.ofNanos(longestNanos));
        }
        return anyUse ? Optional.of(Duration.ofNanos(longestNanos)) : Optional.empty();
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(10));
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("synthetic load not closed in order");
        }
    }
}
