package dev.fermata.runtime.jobs;

import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.Message;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.TestBench;
import dev.fermata.runtime.bus.KafkaClients;
import dev.fermata.runtime.bus.Mentions;
import dev.fermata.runtime.bus.OutboxRelay;
import dev.fermata.runtime.bus.Transactions;
import dev.fermata.runtime.store.ControlStore;
import java.sql.PreparedStatement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.Producer;

/** Job runners on one control database, as if each were a process of its own: each has its own connections. */
final class JobBench implements AutoCloseable {
    static final Duration LONG = Duration.ofMinutes(5);
    static final Duration SHORT = Duration.ofSeconds(1);

    private final TestBench bench = TestBench.onSharedServers();
    private final Producer<String, byte[]> producer =
            bench.closing(KafkaClients.producer(bench.config().kafka(), "jobs"));
    private final ControlStore store = bench.store(Scribe.NAME);

    /** A process that works on jobs. */
    record Worker(JobRunner runner, ControlStore store) {
        /** It hangs as far as the database can tell: it renews nothing and asks nothing. */
        void cutOff() {
            store.close();
        }
    }

    Worker start(String name, JobSettings settings, JobHandler handler) {
        ControlStore own = bench.store(Scribe.NAME);
        String prefix = bench.config().kafka().topicPrefix();
        JobRunner runner = new JobRunner(
                settings,
                name,
                own,
                transactions(own),
                new OutboxRelay(own, producer),
                new Mentions(producer, prefix, "fermata/test", Ulid.system(), Clock.systemUTC()),
                handler);
        bench.closing(runner);
        runner.start();
        return new Worker(runner, own);
    }

    private Transactions transactions(ControlStore on) {
        return new Transactions(
                on, bench.config().kafka().topicPrefix(), "fermata/test", Ulid.system(), Clock.systemUTC());
    }

    static JobSettings settings(int parallel, Duration lease) {
        return new JobSettings(parallel, 1000, lease, Duration.ZERO);
    }

    boolean accept(String key, long epoch) {
        return transactions(store)
                .inTransaction(null, work -> work.acceptJob(key, epoch, Scribe.request(key, "epoch " + epoch)));
    }

    /** What a job says; it stays in the outbox. */
    static Message words(Job job, String text) {
        return new dev.fermata.contracts.message.OutcomeMessage.RequestRefused(
                job.key(), "said", text, java.time.Instant.EPOCH);
    }

    /** Everything that was said by any worker, in order. */
    List<String> said() {
        return bench.ask("select convert_from(body, 'UTF8')::jsonb->>'message' from scribe.outbox order by seq");
    }

    /** Does it in a transaction that has locked the row of the job. */
    void whileLocked(String key, Runnable work) {
        transactions(store).inTransaction(null, unit -> {
            try (PreparedStatement lock =
                    unit.connection().prepareStatement("SELECT 1 FROM job WHERE key = ? FOR UPDATE")) {
                lock.setString(1, key);
                lock.execute();
            }
            work.run();
            return 1;
        });
    }

    /** How many wait for a lock in this database. */
    int waiting() {
        return Integer.parseInt(bench.ask("select count(*) from pg_locks where not granted"
                        + " and pid in (select pid from pg_stat_activity where datname = current_database())")
                .get(0));
    }

    boolean isLocked(String key) {
        return bench.ask("select 1 from scribe.job where key = '" + key + "' for update skip locked")
                .isEmpty();
    }

    String state(String key) {
        return bench.ask("select state from scribe.job where key = '" + key + "'")
                .get(0);
    }

    void execute(String sql) {
        TestBench.get(() -> {
            bench.database().execute(sql);
            return 1;
        });
    }

    @Override
    public void close() throws Exception {
        bench.close();
    }
}
