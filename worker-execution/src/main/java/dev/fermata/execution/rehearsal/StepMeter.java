package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.plan.StepFacts;
import dev.fermata.contracts.plan.StepFacts.HeldLock;
import dev.fermata.execution.ledger.TargetSession;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures steps on a clone one after the other, while a reader and a writer use the tables. {@link #begin}, {@link
 * #committing} and {@link #end} are called by the thread that runs the steps.
 */
final class StepMeter implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(StepMeter.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);
    private static final int MOST_TABLES = 20;

    private final Connection meter;
    private final Connection session;
    private final int pid;
    private final Scale scale;
    private final SyntheticLoad reader;
    private final SyntheticLoad writer;
    private @Nullable Looking looking;

    private StepMeter(Connection meter, TargetSession session, Scale scale, SyntheticLoad reader, SyntheticLoad writer)
            throws SQLException {
        this.meter = meter;
        this.session = session.connection();
        this.pid = session.backendPid();
        this.scale = scale;
        this.reader = reader;
        this.writer = writer;
    }

    /** @param tables that are read and written meanwhile */
    static StepMeter start(
            TargetDatabase database, TargetSession session, Collection<QualifiedName> tables, Scale scale)
            throws SQLException {
        List<QualifiedName> used = tables.stream().limit(MOST_TABLES).toList();
        return new StepMeter(
                database.open(Session.reader("fermata-meter")),
                session,
                scale,
                SyntheticLoad.reader(database, used),
                SyntheticLoad.writer(database, used));
    }

    /** The counters of the server. */
    private record Counters(long wal, long temp, long disk) {
        static Counters read(Connection connection) throws SQLException {
            String sql = """
                SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, temp_bytes,
                       pg_database_size(current_database())
                FROM pg_stat_database WHERE datname = current_database()
                """;
            try (PreparedStatement select = connection.prepareStatement(sql);
                    ResultSet row = select.executeQuery()) {
                row.next();
                return new Counters(row.getLong(1), row.getLong(2), row.getLong(3));
            }
        }
    }

    /** Looks at the locks until it is told to stop. */
    private final class Looking {
        private final RelationFiles relations;
        private final Counters counters;
        private final LockTrace trace;
        private final CountDownLatch stopping = new CountDownLatch(1);
        private final Thread thread = Thread.ofVirtual().name("step-meter").unstarted(this::run);

        Looking() throws SQLException {
            this.relations = RelationFiles.read(meter);
            this.counters = Counters.read(meter);
            this.trace = new LockTrace(relations);
        }

        private void run() {
            try {
                do {
                    trace.look(meter, pid);
                } while (!stopping.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS));
                trace.look(meter, pid);
            } catch (SQLException e) {
                LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("locks no longer looked at");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void stop() throws InterruptedException {
            stopping.countDown();
            thread.join();
        }
    }

    void begin() throws SQLException, InterruptedException {
        if (looking != null) {
            looking.stop();
        }
        looking = new Looking();
        reader.measure();
        writer.measure();
        looking.thread.start();
    }

    /** In the transaction that is about to commit. */
    void committing(Connection connection) throws SQLException {
        if (looking != null) {
            looking.trace.atCommit(connection, pid);
        }
    }

    /** What was measured since {@link #begin}; null where nothing was begun. */
    @Nullable
    StepFacts end() throws SQLException, InterruptedException {
        Looking step = looking;
        if (step == null) {
            return null;
        }
        looking = null;
        Duration readerStall = reader.longest().orElse(null);
        Duration writerStall = writer.longest().orElse(null);
        step.stop();
        flushStatistics();
        Counters now = Counters.read(meter);
        List<HeldLock> locks = step.trace.locks();
        Scale.Factor factor = scale.of(locks);
        return new StepFacts(
                locks,
                step.trace.from(LOOK_EVERY),
                step.trace.strongestHeld(),
                step.relations.rewrittenIn(RelationFiles.read(meter)),
                now.wal() - step.counters.wal(),
                Math.max(0, now.temp() - step.counters.temp()),
                now.disk() - step.counters.disk(),
                readerStall,
                writerStall,
                factor.factor(),
                factor.basis());
    }

    /** A session tells the statistics what it did only every second, unless it is asked to. */
    private void flushStatistics() throws SQLException {
        try (Statement flush = session.createStatement()) {
            flush.execute("SELECT pg_stat_force_next_flush()");
        }
    }

    @Override
    public void close() {
        try (reader;
                writer;
                meter) {
            if (looking != null) {
                looking.stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOGGER.atDebug().addKeyValue("error", e.getSQLState()).log("meter not closed in order");
        }
    }
}
