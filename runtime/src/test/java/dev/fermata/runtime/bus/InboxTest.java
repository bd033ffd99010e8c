package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class InboxTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void dropsWhatItHasSeenInTheSameBatchInALaterOneAndAfterARestart() throws Exception {
        TopicSetup.createOrCheck(bench.admin(), bench.config().kafka());
        Envelope one = bench.envelope(request("k", "one"));
        bench.send(one);
        bench.send(one);
        bench.send(request("k", "two"));
        ServiceRuntime first = bench.start(Scribe.NAME, Scribe.behaviour());
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("one", "two"));

        bench.send(one);
        bench.send(request("k", "three"));
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("one", "two", "three"));

        first.close();
        bench.send(one);
        bench.send(request("k", "four"));
        bench.start(Scribe.NAME, Scribe.behaviour());
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("one", "two", "three", "four"));
        eventually(() -> assertThat(Scribe.answers(bench)).containsExactly("one", "two", "three", "four"));
    }

    @Test
    void dropsEverythingWhenTheOffsetsAreSetBackToTheBeginning() throws Exception {
        ServiceRuntime first = bench.start(Scribe.NAME, Scribe.behaviour());
        for (int i = 0; i < 20; i++) {
            bench.send(request("k" + i, "document " + i));
        }
        eventually(() -> assertThat(Scribe.notes(bench)).hasSize(20));
        first.close();

        String group = bench.config().kafka().topicPrefix() + Scribe.NAME;
        bench.admin().deleteConsumerGroups(List.of(group)).all().get();
        bench.start(Scribe.NAME, Scribe.behaviour());

        eventually(() -> assertThat(committed(bench.admin(), group)).isEqualTo(20));
        assertThat(Scribe.notes(bench)).hasSize(20);
        assertThat(Scribe.answers(bench)).hasSize(20);
    }

    @Test
    void tellsApartEqualIdsOfTwoSources() throws Exception {
        bench.start(Scribe.NAME, Scribe.behaviour());
        Envelope one = bench.envelope(request("k", "of one source"));
        bench.send(one);
        bench.send(new Envelope(one.id(), "another", one.time(), null, request("k", "of another source")));
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("of one source", "of another source"));
    }

    private long committed(Admin admin, String group) throws Exception {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(e -> e.getKey()
                        .topic()
                        .equals(Topic.REQUESTS.name(bench.config().kafka().topicPrefix())))
                .mapToLong(e -> e.getValue().offset())
                .sum();
    }
}
