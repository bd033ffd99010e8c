package dev.fermata.runtime.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.Json;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.contracts.message.Message;
import dev.fermata.runtime.bus.BrokerUnavailableException;
import dev.fermata.runtime.bus.Mentions;
import dev.fermata.runtime.bus.OutboxRelay;
import dev.fermata.runtime.bus.Transactions;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.runtime.store.ControlStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes open jobs from the control database, at most N at a time, and runs each on a virtual thread. Ownership is a lease
 * that is renewed while the job runs: a process that dies or hangs loses it, and somebody else continues the job. Renewing
 * and ending prove ownership in their WHERE clause.
 */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

    private final JobSettings settings;
    private final String worker;
    private final ControlStore store;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final Mentions mentions;
    private final JobHandler handler;
    private final Map<String, RunningJob> running = new ConcurrentHashMap<>();
    private final Semaphore wakeUp = new Semaphore(0);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread claimer;
    private final Thread renewer;
    private volatile int backlog;

    public JobRunner(
            JobSettings settings,
            String worker,
            ControlStore store,
            Transactions transactions,
            OutboxRelay relay,
            Mentions mentions,
            JobHandler handler) {
        this.settings = settings;
        this.worker = worker;
        this.store = store;
        this.transactions = transactions;
        this.relay = relay;
        this.mentions = mentions;
        this.handler = handler;
        this.claimer = Thread.ofPlatform().name("jobs-claim").unstarted(this::claimUntilStopped);
        this.renewer = Thread.ofPlatform().name("jobs-renew").unstarted(this::renewUntilStopped);
    }

    public void start() {
        claimer.start();
        renewer.start();
    }

    /** Looks for jobs at once. */
    public void wakeUp() {
        wakeUp.release();
    }

    /** Whether so many jobs wait that no more should be accepted. */
    public boolean isFull() {
        return backlog >= settings.maxWaiting();
    }

    private void claimUntilStopped() {
        try {
            while (stopping.getCount() > 0) {
                lookAfter(this::claim);
                if (wakeUp.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                    wakeUp.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void renewUntilStopped() {
        try {
            while (!stopping.await(settings.lease().dividedBy(4).toMillis(), TimeUnit.MILLISECONDS)) {
                lookAfter(this::renew);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void lookAfter(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("jobs not looked after; tried again");
        }
    }

    private void claim() {
        dropReplaced();
        int free = settings.parallel() - running.size();
        if (free > 0) {
            store.inTransaction(connection -> claim(connection, free)).forEach(this::start);
        }
        backlog = store.inTransaction(JobRunner::waiting);
    }

    /** A job that was replaced by a higher epoch is told at once rather than at the next renewal. */
    private void dropReplaced() {
        if (!running.isEmpty()) {
            renew();
        }
    }

    private List<Job> claim(Connection connection, int free) throws SQLException {
        String sql = """
                UPDATE job SET owner = ?, attempt = attempt + 1, lease_until = now() + ? * interval '1 millisecond'
                WHERE key IN (SELECT key FROM job WHERE state = 'open' AND (lease_until IS NULL OR lease_until < now())
                              AND key <> ALL (?) ORDER BY accepted_at LIMIT ? FOR UPDATE SKIP LOCKED)
                RETURNING key, epoch, attempt, headers, body
                """;
        List<Job> claimed = new ArrayList<>();
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, worker);
            update.setLong(2, settings.lease().toMillis());
            update.setArray(3, connection.createArrayOf("text", running.keySet().toArray()));
            update.setInt(4, free);
            try (ResultSet rows = update.executeQuery()) {
                while (rows.next()) {
                    claimed.add(new Job(
                            rows.getString("key"), rows.getLong("epoch"), rows.getInt("attempt"), envelope(rows)));
                }
            }
        }
        return claimed;
    }

    private static Envelope envelope(ResultSet row) throws SQLException {
        try {
            return CloudEvents.read(
                    Json.mapper().readValue(row.getString("headers"), HEADERS), row.getBytes("body"));
        } catch (UnreadableMessageException | JsonProcessingException e) {
            throw new IllegalStateException("job '" + row.getString("key") + "' holds no message of this version", e);
        }
    }

    private static int waiting(Connection connection) throws SQLException {
        String sql = "SELECT count(*) FROM job WHERE state = 'open' AND (lease_until IS NULL OR lease_until < now())";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    private void start(Job job) {
        RunningJob started = new RunningJob(job);
        running.put(job.key(), started);
        LOGGER.atInfo()
                .addKeyValue("runId", job.key())
                .addKeyValue("epoch", job.epoch())
                .addKeyValue("attempt", job.attempt())
                .addKeyValue("messageType", job.envelope().message().type())
                .log("job started");
        started.thread.start();
    }

    private void renew() {
        for (RunningJob job : running.values()) {
            boolean owned = store.inTransaction(connection -> renew(connection, job.job));
            if (!owned) {
                job.lose();
            }
        }
    }

    private boolean renew(Connection connection, Job job) throws SQLException {
        String sql = "UPDATE job SET lease_until = now() + ? * interval '1 millisecond' WHERE " + OWNED;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, settings.lease().toMillis());
            setOwner(update, 2, job);
            return update.executeUpdate() == 1;
        }
    }

    private static final String OWNED = "key = ? AND epoch = ? AND attempt = ? AND owner = ? AND state = 'open'";

    private void setOwner(PreparedStatement statement, int from, Job job) throws SQLException {
        statement.setString(from, job.key());
        statement.setLong(from + 1, job.epoch());
        statement.setInt(from + 2, job.attempt());
        statement.setString(from + 3, worker);
    }

    /** A job in this process, and how it speaks. */
    private final class RunningJob implements JobContext {
        private final Job job;
        private final Thread thread;
        private volatile boolean lost;

        RunningJob(Job job) {
            this.job = job;
            this.thread = Thread.ofVirtual().name("job-" + job.key()).unstarted(this::run);
        }

        private void run() {
            try {
                handler.run(job, this);
            } catch (JobLostException | InterruptedException e) {
                LOGGER.atInfo()
                        .addKeyValue("runId", job.key())
                        .addKeyValue("epoch", job.epoch())
                        .log(lost ? "job lost" : "job interrupted; it stays open");
            } catch (BrokerUnavailableException e) {
                LOGGER.atWarn().addKeyValue("runId", job.key()).setCause(e).log("job left open");
            } catch (RuntimeException e) {
                LOGGER.atError()
                        .addKeyValue("runId", job.key())
                        .addKeyValue("epoch", job.epoch())
                        .setCause(e)
                        .log("job broke off; it stays open and is tried again when its lease ends");
            } finally {
                running.remove(job.key(), this);
                wakeUp();
            }
        }

        void lose() {
            lost = true;
            thread.interrupt();
        }

        @Override
        public void checkOwned() {
            if (lost) {
                throw new JobLostException(job);
            }
        }

        @Override
        public void publish(Message message) {
            checkOwned();
            inOwnedTransaction("UPDATE job SET lease_until = lease_until WHERE " + OWNED, List.of(message));
        }

        @Override
        public void finish(List<? extends Message> lastWords) {
            checkOwned();
            inOwnedTransaction(
                    "UPDATE job SET state = 'done', owner = NULL, lease_until = NULL WHERE " + OWNED, lastWords);
        }

        private void inOwnedTransaction(String proof, List<? extends Message> messages) {
            transactions.inTransaction(job.envelope().traceparent(), unit -> {
                prove(unit, proof);
                messages.forEach(unit::publish);
                return messages.size();
            });
            try {
                relay.drain();
            } catch (BrokerUnavailableException e) {
                LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("published later, when the broker answers");
            }
        }

        private void prove(UnitOfWork unit, String proof) throws SQLException {
            try (PreparedStatement update = unit.connection().prepareStatement(proof)) {
                setOwner(update, 1, job);
                if (update.executeUpdate() != 1) {
                    lost = true;
                    throw new JobLostException(job);
                }
            }
        }

        @Override
        public void mention(Message message) {
            if (!lost) {
                mentions.say(message, job.envelope().traceparent());
            }
        }

        @Override
        public String worker() {
            return worker;
        }
    }

    /**
     * Waits a while for running jobs to end, then interrupts them and gives their leases back, so that somebody else
     * continues them at once.
     */
    @Override
    public void close() {
        stopping.countDown();
        wakeUp();
        try {
            claimer.join(Duration.ofSeconds(5));
            renewer.join(Duration.ofSeconds(5));
            long deadline = System.nanoTime() + settings.drain().toNanos();
            for (RunningJob job : List.copyOf(running.values())) {
                if (!job.thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                    job.thread.interrupt();
                    job.thread.join(settings.drain());
                    store.inTransaction(connection -> release(connection, job.job));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int release(Connection connection, Job job) throws SQLException {
        String sql = "UPDATE job SET owner = NULL, lease_until = NULL WHERE " + OWNED;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            setOwner(update, 1, job);
            return update.executeUpdate();
        }
    }
}
