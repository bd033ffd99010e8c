package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import dev.fermata.testsupport.RealKafka;
import dev.fermata.testsupport.RealPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class OutageTest {
    private static final int MESSAGES = 400;

    @Test
    void nothingIsLostOrDoubledWhenTheBrokerIsAwayForAWhile() throws Exception {
        try (RealKafka kafka = RealKafka.startOwn();
                TestBench bench = TestBench.on(kafka, RealPostgres.shared())) {
            ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
            CompletableFuture<Void> sender = sendAll(bench);
            eventually(() -> assertThat(Scribe.notes(bench)).hasSizeGreaterThan(50));
            kafka.stop();
            runtime.transactions().inTransaction(null, work -> {
                Scribe.note(request("k0", "decided without a broker"), work);
                return 1;
            });
            kafka.startAgain();
            sender.get(90, TimeUnit.SECONDS);
            eventually(() -> assertThat(Scribe.notes(bench)).hasSize(MESSAGES + 1));
            eventually(() -> assertThat(Scribe.answers(bench)).hasSize(MESSAGES + 1));
            assertExactlyOnce(bench);
            assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).isEmpty();
        }
    }

    @Test
    void nothingIsLostOrDoubledWhenTheControlDatabaseCrashes() throws Exception {
        try (RealPostgres postgres = RealPostgres.startOwn();
                TestBench bench = TestBench.on(RealKafka.shared(), postgres)) {
            bench.start(Scribe.NAME, Scribe.behaviour());
            CompletableFuture<Void> sender = sendAll(bench);
            for (int crash = 1; crash <= 2; crash++) {
                int enough = crash * 60;
                eventually(() -> assertThat(Scribe.notes(bench)).hasSizeGreaterThan(enough));
                bench.send(Topic.REQUESTS, "k", java.util.Map.of(), null);
                postgres.stopImmediate();
                postgres.startAgain();
            }
            sender.get(90, TimeUnit.SECONDS);
            eventually(() -> assertThat(Scribe.notes(bench)).hasSize(MESSAGES));
            eventually(() -> assertThat(Scribe.answers(bench)).hasSize(MESSAGES));
            assertExactlyOnce(bench);
            eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).hasSize(2));
        }
    }

    private static void assertExactlyOnce(TestBench bench) {
        assertThat(Scribe.notes(bench)).doesNotHaveDuplicates();
        assertThat(Scribe.answers(bench)).containsExactlyInAnyOrderElementsOf(Scribe.notes(bench));
    }

    /** As a patient pipeline would: the same message again until the broker has it. */
    private static CompletableFuture<Void> sendAll(TestBench bench) {
        List<Envelope> all = new ArrayList<>();
        IntStream.range(0, MESSAGES).forEach(i -> all.add(bench.envelope(request("k" + i % 7, "document " + i))));
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().name("sender").daemon().start(() -> {
            for (Envelope envelope : all) {
                while (true) {
                    try {
                        bench.send(envelope);
                        break;
                    } catch (Exception e) {
                        // again
                    }
                }
            }
            done.complete(null);
        });
        return done;
    }
}
