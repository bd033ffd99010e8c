package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AtomicityTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void aHandlerThatThrowsAfterWritingHasWrittenAndSaidNothing() throws Exception {
        bench.start(Scribe.NAME, Scribe.behaviour((envelope, work) -> {
            Scribe.note(envelope.message(), work);
            if (((WorkOrderRequested) envelope.message()).document().equals("bad")) {
                throw new IllegalStateException("after writing");
            }
        }));
        bench.send(request("k", "before"), request("k", "bad"), request("k", "after"));

        eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).hasSize(1));
        eventually(() -> assertThat(Scribe.answers(bench)).containsExactly("before", "after"));
        assertThat(Scribe.notes(bench)).containsExactly("before", "after");
        assertThat(bench.ask("select count(*) from scribe.outbox")).containsExactly("2");
    }

    @Test
    void aTransactionOfOnesOwnIsStoredAndSaidOrNeither() {
        ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
        assertThatThrownBy(() -> runtime.transactions().inTransaction(null, work -> {
                    Scribe.note(request("k", "lost"), work);
                    throw new IllegalStateException("changed my mind");
                }))
                .hasMessage("changed my mind");
        runtime.transactions().inTransaction(null, work -> {
            Scribe.note(request("k", "kept"), work);
            return 1;
        });
        eventually(() -> assertThat(Scribe.answers(bench)).containsExactly("kept"));
        assertThat(Scribe.notes(bench)).containsExactly("kept");
    }

    @Test
    void aMessageThatNoTopicTakesIsRefusedBeforeItCanBlockTheOutbox() {
        ServiceRuntime runtime = bench.start(Scribe.NAME, Scribe.behaviour());
        assertThatThrownBy(() -> runtime.transactions().inTransaction(null, work -> {
                    work.publish(Scribe.answer("k", "x".repeat(5 << 20), work));
                    return 1;
                }))
                .isInstanceOf(MessageTooLargeException.class)
                .hasMessageContaining("RequestRefused.v1 of 'k'");
    }

    @Test
    void theTraceOfAMessageGoesOnInTheAnswer() throws Exception {
        String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        bench.start(Scribe.NAME, Scribe.behaviour());
        var sent = bench.envelope(request("k", "traced"));
        bench.send(new dev.fermata.contracts.codec.Envelope(sent.id(), "test", sent.time(), trace, sent.message()));
        eventually(() -> assertThat(bench.everythingOn(Topic.OUTCOMES))
                .singleElement()
                .satisfies(answer -> assertThat(answer.header("traceparent"))
                        .startsWith(trace.substring(0, 36))
                        .isNotEqualTo(trace)));
    }
}
