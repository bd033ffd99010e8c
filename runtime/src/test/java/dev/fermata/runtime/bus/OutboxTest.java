package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.OutcomeMessage.RequestRefused;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OutboxTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void keepsTheOrderOfEachKeyWithTwoInstances() throws Exception {
        bench.start(Scribe.NAME, Scribe.behaviour());
        bench.start(Scribe.NAME, Scribe.behaviour());
        int keys = 12;
        int each = 50;
        for (int i = 0; i < each; i++) {
            for (int k = 0; k < keys; k++) {
                bench.send(request("k" + k, Integer.toString(i)));
            }
        }
        eventually(() -> assertThat(bench.ask("select count(*) from scribe.outbox where sent_at is not null"))
                .containsExactly(Integer.toString(keys * each)));
        List<TestBench.Seen> answers = bench.everythingOn(Topic.OUTCOMES);
        assertThat(answers).hasSize(keys * each);
        for (int k = 0; k < keys; k++) {
            String key = "k" + k;
            assertThat(answers.stream()
                            .filter(answer -> answer.key().equals(key))
                            .map(answer -> ((RequestRefused) answer.message()).message()))
                    .as(key)
                    .containsExactlyElementsOf(
                            IntStream.range(0, each).mapToObj(Integer::toString).toList());
        }
    }

    @Test
    void publishesWhatACrashLeftBetweenTheCommitAndThePublishing() {
        ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
        runtime.transactions().inTransaction(null, work -> {
            work.publish(Scribe.answer("k", "left behind", work));
            return 1; // and nobody drains
        });
        eventually(() -> assertThat(Scribe.answers(bench)).containsExactly("left behind"));
    }

    @Test
    void whatIsPublishedTwiceBecauseOfACrashBeforeTheMarkIsDroppedByTheReader() throws Exception {
        ServiceRuntime runtime = bench.start(
                Scribe.NAME,
                ServiceRuntime.Behaviour.deciding(
                        List.of(Topic.OUTCOMES),
                        (envelope, work) ->
                                Scribe.write("heard", ((RequestRefused) envelope.message()).message(), work),
                        TimerHandler.none(),
                        router -> {}));
        runtime.transactions().inTransaction(null, work -> {
            work.publish(Scribe.answer("k", "once", work));
            return 1;
        });
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("once"));

        bench.database().execute("update scribe.outbox set sent_at = null");

        eventually(() -> assertThat(bench.everythingOn(Topic.OUTCOMES)).hasSize(2));
        eventually(() -> assertThat(runtime.meters()
                        .counter("fermata.messages.duplicate", "service", "scribe")
                        .count())
                .isEqualTo(1));
        assertThat(bench.everythingOn(Topic.OUTCOMES))
                .extracting(TestBench.Seen::id)
                .containsOnly(bench.everythingOn(Topic.OUTCOMES).get(0).id());
        assertThat(Scribe.notes(bench)).containsExactly("once");
    }
}
