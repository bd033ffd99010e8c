package dev.fermata.runtime.jobs;

import dev.fermata.contracts.message.Message;
import dev.fermata.runtime.bus.Mentions;
import dev.fermata.runtime.bus.OutboxRelay;
import dev.fermata.runtime.bus.Transactions;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.store.ControlStoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Takes open jobs from the control database, at most N at a time, and runs each on a virtual thread. Ownership is a lease
 * that is renewed while the job runs: a process that dies or hangs loses it, and somebody else continues the job. An owner
 * that cannot renew counts its own lease down and stops before anybody else may begin.
 */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(JobRunner.class);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration THREAD_PATIENCE = Duration.ofSeconds(5);

    private final JobSettings settings;
    private final String worker;
    private final ControlStore store;
    private final JobStore jobs;
    private final Transactions transactions;
    private final OutboxRelay relay;
    private final Mentions mentions;
    private final JobHandler handler;
    private final Map<String, RunningJob> running = new ConcurrentHashMap<>();
    private final Semaphore wakeUp = new Semaphore(0);
    private final CountDownLatch noMoreClaims = new CountDownLatch(1);
    private final CountDownLatch noMoreRenewals = new CountDownLatch(1);
    private final Thread claimer;
    private final Thread renewer;
    private volatile int waiting;

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
        this.jobs = new JobStore(worker, settings.lease());
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
        return waiting >= settings.maxWaiting();
    }

    /** Jobs that this process works on. */
    public int running() {
        return running.size();
    }

    /** Accepted jobs that nobody works on, as of the last look. */
    public int waiting() {
        return waiting;
    }

    private void claimUntilStopped() {
        try {
            while (noMoreClaims.getCount() > 0) {
                lookAfter(this::claim);
                if (wakeUp.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                    wakeUp.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As often as jobs are looked for: a job that was replaced by a higher epoch is to hear of it soon. */
    private void renewUntilStopped() {
        try {
            while (!noMoreRenewals.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                for (RunningJob each : List.copyOf(running.values())) {
                    lookAfter(() -> renew(each));
                    running.values().forEach(RunningJob::loseWhenOverdue); // one renewal may take its time
                }
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
        int free = settings.parallel()
                - (int) running.keySet().stream()
                        .filter(key -> !key.endsWith(Job.AT_ONCE))
                        .count();
        long before = System.nanoTime();
        List<Job> claimed = store.inTransaction(connection -> {
            List<Job> taken = jobs.claim(connection, running.keySet(), free);
            waiting = JobStore.waiting(connection);
            return taken;
        });
        claimed.forEach(job -> start(new RunningJob(job, before)));
    }

    private void start(RunningJob started) {
        running.put(started.job.key(), started);
        log(Level.INFO, started.job)
                .addKeyValue("messageType", started.job.envelope().message().type())
                .log("job started");
        started.thread.start();
    }

    /** In a transaction of its own: whoever holds one job waits for none, so that nobody ends in a deadlock. */
    private void renew(RunningJob job) {
        long before = System.nanoTime();
        if (store.inTransaction(connection -> jobs.renew(connection, job.job))) {
            job.renewedNanos = before;
        } else if (!job.ending) { // else its row says so because it has just ended
            job.lose();
        }
    }

    private static org.slf4j.spi.LoggingEventBuilder log(Level level, Job job) {
        return LOGGER.atLevel(level)
                .addKeyValue("runId", job.key())
                .addKeyValue("epoch", job.epoch())
                .addKeyValue("attempt", job.attempt());
    }

    /** A job in this process, and how it speaks. */
    private final class RunningJob implements JobContext {
        private final Job job;
        private final Thread thread;
        private volatile long renewedNanos;
        private volatile boolean lost;
        private volatile boolean ending;

        RunningJob(Job job, long claimedNanos) {
            this.job = job;
            this.renewedNanos = claimedNanos;
            this.thread = Thread.ofVirtual().name("job-" + job.key()).unstarted(this::run);
        }

        private void run() {
            try {
                handler.run(job, this);
                if (!ending) {
                    log(Level.WARN, job).log("job ended without its last words; it is tried again when its lease ends");
                }
            } catch (JobLostException | InterruptedException e) {
                log(Level.INFO, job).log(lost ? "job lost" : "job interrupted; it stays open");
            } catch (ControlStoreException e) {
                log(Level.WARN, job)
                        .addKeyValue("error", e.getMessage())
                        .log("job broke off; it stays open and is tried again when its lease ends");
            } catch (RuntimeException | Error e) {
                log(Level.ERROR, job)
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

        private boolean isOverdue() {
            return System.nanoTime() - renewedNanos > settings.lease().toNanos();
        }

        void loseWhenOverdue() {
            if (!lost && isOverdue()) {
                log(Level.WARN, job).log("lease not renewed in time; the job is abandoned");
                lose();
            }
        }

        @Override
        public void checkOwned() {
            if (lost || isOverdue()) {
                lost = true;
                throw new JobLostException(job);
            }
        }

        @Override
        public void publish(Message message) {
            checkOwned();
            inOwnedTransaction(jobs::prove, List.of(message));
        }

        @Override
        public void finish(List<? extends Message> lastWords) {
            checkOwned();
            ending = true;
            try {
                inOwnedTransaction(jobs::finish, lastWords);
            } catch (RuntimeException e) {
                ending = false;
                throw e;
            }
        }

        private void inOwnedTransaction(Proof proof, List<? extends Message> messages) {
            transactions.inTransaction(job.envelope().traceparent(), unit -> {
                if (!proof.holds(unit.connection(), job)) {
                    lost = true;
                    throw new JobLostException(job);
                }
                messages.forEach(unit::publish);
                return messages.size();
            });
            relay.nudge();
        }

        @Override
        public void mention(Message message) {
            if (!lost && !ending) {
                mentions.say(message, job.envelope().traceparent());
            }
        }

        @Override
        public String worker() {
            return worker;
        }
    }

    /** Shows, in the transaction, that the job is still owned, and keeps it so until the transaction ends. */
    @FunctionalInterface
    private interface Proof {
        boolean holds(java.sql.Connection connection, Job job) throws java.sql.SQLException;
    }

    /**
     * Takes no more jobs, waits a while for the running ones to end, then interrupts them and gives back the leases of those
     * that stopped, so that somebody else continues them at once. A job that does not heed the interrupt keeps its lease
     * until that runs out: two must not do the same work.
     */
    @Override
    public void close() {
        noMoreClaims.countDown();
        wakeUp();
        try {
            claimer.join(THREAD_PATIENCE);
            List<RunningJob> left = List.copyOf(running.values());
            join(left, settings.drain());
            left.forEach(job -> job.thread.interrupt());
            join(left, THREAD_PATIENCE);
            noMoreRenewals.countDown();
            renewer.join(THREAD_PATIENCE);
            left.forEach(this::giveBack);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            noMoreRenewals.countDown();
        }
    }

    private static void join(Collection<RunningJob> jobs, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (RunningJob job : jobs) {
            job.thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
        }
    }

    private void giveBack(RunningJob stopped) {
        if (stopped.thread.isAlive()) {
            log(Level.WARN, stopped.job).log("job did not stop; its lease runs out by itself");
            return;
        }
        lookAfter(() -> store.inTransaction(connection -> jobs.giveBack(connection, stopped.job)));
    }
}
