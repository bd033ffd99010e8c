package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TimersTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    private static final TimerHandler WRITE = (key, kind, payload, work) -> {
        Scribe.write(key, kind + " " + payload, work);
        work.publish(Scribe.answer(key, payload, work));
    };

    private static ServiceRuntime.Behaviour behaviour() {
        return Scribe.behaviour((envelope, work) -> {}, WRITE);
    }

    private static void startTimer(ServiceRuntime runtime, String key, Duration after, String payload) {
        runtime.transactions().inTransaction(null, work -> {
            work.startTimer(key, "reminder", after, payload);
            return 1;
        });
    }

    @Test
    void eachFiresOnceWithTwoInstances() {
        ServiceRuntime one = bench.start(Scribe.NAME, behaviour());
        bench.start(Scribe.NAME, behaviour());
        one.transactions().inTransaction(null, work -> {
            for (int i = 0; i < 250; i++) {
                work.startTimer("k" + i, "reminder", Duration.ofMillis(500), "p" + i);
            }
            return 1;
        });
        eventually(
                () -> assertThat(bench.ask("select count(*) from scribe.timer")).containsExactly("0"));
        assertThat(Scribe.notes(bench)).hasSize(250).doesNotHaveDuplicates();
        eventually(() -> assertThat(Scribe.answers(bench)).hasSize(250));
    }

    @Test
    void aTimerIsReplacedByOneOfTheSameKeyAndKindAndIsCancelled() {
        ServiceRuntime runtime = bench.start(Scribe.NAME, behaviour());
        startTimer(runtime, "replaced", Duration.ofHours(1), "first");
        startTimer(runtime, "replaced", Duration.ZERO, "second");
        startTimer(runtime, "put-off", Duration.ofMillis(300), "too early");
        startTimer(runtime, "put-off", Duration.ofHours(1), "much later");
        startTimer(runtime, "cancelled", Duration.ofMillis(300), "never");
        runtime.transactions().inTransaction(null, work -> {
            work.cancelTimer("cancelled", "reminder");
            work.cancelTimer("never-started", "reminder");
            return 1;
        });
        startTimer(runtime, "last", Duration.ofMillis(800), "last");
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("reminder second", "reminder last"));
        assertThat(bench.ask("select payload from scribe.timer")).containsExactly("much later");
    }

    @Test
    void survivesARestart() throws Exception {
        ServiceRuntime first = bench.start(
                Scribe.NAME,
                Scribe.behaviour(
                        (envelope, work) -> work.startTimer(
                                "k",
                                "reminder",
                                Duration.ofMillis(1500),
                                ((WorkOrderRequested) envelope.message()).document()),
                        WRITE));
        bench.send(request("k", "remember me"));
        eventually(
                () -> assertThat(bench.ask("select count(*) from scribe.timer")).containsExactly("1"));
        first.close();
        bench.start(Scribe.NAME, behaviour());
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("reminder remember me"));
    }

    /** The message has locked the entry and puts the timer off; the timer is due and wants the entry. */
    @Test
    void aTimerAndAMessageAboutTheSameKeyDoNotEndInADeadlock() {
        AtomicInteger fired = new AtomicInteger();
        ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour((envelope, work) -> {}, new TimerHandler() {
            @Override
            public void lock(String key, UnitOfWork work) throws SQLException {
                lockEntry(key, work);
            }

            @Override
            public void fire(String key, String kind, String payload, UnitOfWork work) throws SQLException {
                fired.incrementAndGet();
                lockEntry(key, work);
            }
        }));
        runtime.transactions().inTransaction(null, work -> {
            Scribe.write("k", "entry", work);
            return 1;
        });
        runtime.transactions().inTransaction(null, work -> {
            lockEntry("k", work);
            startTimer(runtime, "k", Duration.ZERO, "due");
            eventually(() -> assertThat(bench.ask("select count(*) from pg_locks where not granted"
                            + " and pid in (select pid from pg_stat_activity where datname = current_database())"))
                    .containsExactly("1"));
            work.startTimer("k", "reminder", Duration.ofHours(1), "put off");
            return 1;
        });
        eventually(() -> assertThat(bench.ask("select payload from scribe.timer where due > now()"))
                .containsExactly("put off"));
        assertThat(fired).hasValue(0);
    }

    private static void lockEntry(String key, UnitOfWork work) throws SQLException {
        try (PreparedStatement lock =
                work.connection().prepareStatement("SELECT 1 FROM entry WHERE key = ? FOR UPDATE")) {
            lock.setString(1, key);
            lock.execute();
        }
    }

    /** Such as the sign of life of a worker, for whose absence it would be taken for dead. */
    @Test
    void whatWasSaidWhileNobodyListenedIsReadBeforeATimerFires() throws Exception {
        ServiceRuntime first = bench.start(Scribe.NAME, behaviour());
        startTimer(first, "k", Duration.ofSeconds(2), "nobody was heard of");
        first.close();
        bench.send(request("k", "I am here"));
        eventually(() -> assertThat(bench.ask("select count(*) from scribe.timer where due < now()"))
                .containsExactly("1"));
        bench.start(
                Scribe.NAME,
                Scribe.behaviour(
                        (envelope, work) -> {
                            Scribe.note(envelope.message(), work);
                            work.startTimer("k", "reminder", Duration.ofHours(1), "later");
                        },
                        WRITE));
        eventually(() -> assertThat(Scribe.notes(bench)).isNotEmpty());
        assertThat(Scribe.notes(bench)).containsExactly("I am here");
        assertThat(bench.ask("select payload from scribe.timer")).containsExactly("later");
    }

    @Test
    void oneThatCannotBeFiredHoldsUpNoOtherAndDoesNotSpin() {
        AtomicInteger tries = new AtomicInteger();
        ServiceRuntime runtime =
                bench.start(Scribe.NAME, Scribe.behaviour((envelope, work) -> {}, (key, kind, payload, work) -> {
                    if (payload.equals("bad")) {
                        tries.incrementAndGet();
                        throw new IllegalStateException("cannot fire");
                    }
                    WRITE.fire(key, kind, payload, work);
                }));
        for (int i = 0; i < 120; i++) {
            startTimer(runtime, "bad" + i, Duration.ZERO, "bad");
        }
        startTimer(runtime, "good", Duration.ofMillis(200), "good");
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("reminder good"));
        eventually(() -> assertThat(tries).hasValue(120));
        assertThat(bench.ask("select count(*) from scribe.timer where due > now() + interval '1 second'"))
                .containsExactly("120");
    }
}
