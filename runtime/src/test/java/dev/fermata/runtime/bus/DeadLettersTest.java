package dev.fermata.runtime.bus;

import static dev.fermata.runtime.Scribe.request;
import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.TestBench;
import dev.fermata.runtime.TestBench.Seen;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DeadLettersTest {
    private final TestBench bench = TestBench.onSharedServers();

    @AfterEach
    void close() throws Exception {
        bench.close();
    }

    @Test
    void aPoisonousMessageIsTriedThreeTimesThenPutAsideAndThePartitionGoesOn() throws Exception {
        Map<String, AtomicInteger> tries = new ConcurrentHashMap<>();
        bench.start(Scribe.NAME, Scribe.behaviour((envelope, work) -> {
            WorkOrderRequested request = (WorkOrderRequested) envelope.message();
            tries.computeIfAbsent(request.document(), d -> new AtomicInteger()).incrementAndGet();
            if (request.document().equals("poison")) {
                throw new IllegalArgumentException("cannot swallow this");
            }
            Scribe.note(request, work);
        }));
        Envelope poison = bench.envelope(request("k", "poison"));
        bench.send(poison);
        bench.send(request("k", "healthy"));

        eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).hasSize(1));
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("healthy"));
        Seen letter = bench.everythingOn(Topic.DEAD_LETTERS).get(0);
        assertThat(letter.header("fermata-dlq-reason"))
                .isEqualTo("handling failed 3 times: IllegalArgumentException: cannot swallow this");
        assertThat(letter.header("fermata-dlq-service")).isEqualTo("scribe");
        assertThat(letter.header("fermata-dlq-topic")).endsWith("requests");
        assertThat(letter.header("fermata-dlq-partition")).matches("[0-2]");
        assertThat(letter.header("fermata-dlq-offset")).isEqualTo("0");
        assertThat(letter.key()).isEqualTo("k");
        assertThat(letter.body()).isEqualTo(CloudEvents.body(poison));
        assertThat(letter.headers()).containsAllEntriesOf(CloudEvents.headers(poison));
        // once together with its neighbour where both came in one batch, then alone
        assertThat(tries.get("poison")).hasValueBetween(3, 4);
    }

    @Test
    void anErrorOfTheVirtualMachineInAHandlerIsPoisonToo() throws Exception {
        bench.start(Scribe.NAME, Scribe.behaviour((envelope, work) -> {
            if (((WorkOrderRequested) envelope.message()).document().equals("deep")) {
                throw new StackOverflowError();
            }
            Scribe.note(envelope.message(), work);
        }));
        bench.send(request("k", "deep"), request("k", "flat"));
        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("flat"));
        eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).hasSize(1));
    }

    @Test
    void garbageOfManyKindsIsPutAsideOnceWithAReasonThatQuotesNoBody() throws Exception {
        String secret = "hunter2";
        Envelope good = bench.envelope(request("k", secret));
        byte[] body = CloudEvents.body(good);
        Map<String, String> headers = CloudEvents.headers(good);
        bench.start(Scribe.NAME, Scribe.behaviour());

        send(null, Map.of(), null);
        send("k", Map.of(), body);
        send("k", headers, null);
        send(null, headers, body);
        send("another", headers, body);
        send("k", headers, new byte[0]);
        send("k", headers, bytes("{\"idempotencyKey\":\"k\", " + secret));
        send("k", headers, bytes("[\"" + secret + "\"]"));
        send("k", headers, bytes("null"));
        send("k", headers, bytes("{\"idempotencyKey\":\"k\"}"));
        send("k", headers, bytes("{\"idempotencyKey\":7,\"document\":\"" + secret + "\"}"));
        send("k", headers, bytes("{\"idempotencyKey\":\"k\",\"document\":\"" + secret + "\"}x"));
        send("k", headers, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        send("k", headers, bytes("[".repeat(100_000)));
        send("k", headers, bytes("\"" + secret + "x".repeat(1 << 20)));
        send("k", with(headers, "ce_subject", "somebody else"), body);
        send("k", with(headers, "ce_type", "dev.fermata.Unheard.v1"), body);
        send("k", with(headers, "ce_type", "x".repeat(100_000)), body);
        send("k", with(headers, "ce_specversion", "0.3"), body);
        send("k", with(headers, "ce_time", "yesterday"), body);
        send("k", with(headers, "ce_id", ""), body);
        send("k", with(headers, "ce_id", "a\u0000b"), body);
        send("k", with(headers, "ce_id", "random" + randomText(20_000)), body);
        send("k", with(headers, "ce_type", "dev.fermata.Heartbeat.v1"), body);
        int garbage = 24;
        bench.send(request("k", "the last word"));

        eventually(() -> assertThat(Scribe.notes(bench)).containsExactly("the last word"));
        eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS)).hasSize(garbage));
        List<Seen> letters = bench.everythingOn(Topic.DEAD_LETTERS);
        assertThat(letters).allSatisfy(letter -> assertThat(letter.header("fermata-dlq-reason"))
                .isNotBlank()
                .doesNotContain(secret)
                .hasSizeLessThan(600));
        assertThat(letters)
                .extracting(l -> l.header("fermata-dlq-reason"))
                .anyMatch(r -> r.contains("record key: missing"));
    }

    @Test
    void aKeyThatIsNoTextIsKeptAsItCame() throws Exception {
        byte[] key = {(byte) 0xff, 0x41};
        bench.start(Scribe.NAME, Scribe.behaviour());
        try (var producer = new org.apache.kafka.clients.producer.KafkaProducer<>(
                Map.<String, Object>of(
                        "bootstrap.servers", bench.config().kafka().bootstrapServers()),
                new org.apache.kafka.common.serialization.ByteArraySerializer(),
                new org.apache.kafka.common.serialization.ByteArraySerializer())) {
            producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>(
                            Topic.REQUESTS.name(bench.config().kafka().topicPrefix()), key, key))
                    .get();
        }
        eventually(() -> assertThat(bench.everythingOn(Topic.DEAD_LETTERS))
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.body()).isEqualTo(key);
                    assertThat(letter.headers()).containsKey("fermata-dlq-key");
                }));
    }

    private void send(String key, Map<String, String> headers, byte[] body) throws Exception {
        bench.send(Topic.REQUESTS, key, headers, body);
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        Map<String, String> changed = new HashMap<>(headers);
        changed.put(name, value);
        return changed;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Does not compress to something that an index takes. */
    private static String randomText(int length) {
        return new java.util.Random(1)
                .ints(length, 'a', 'z')
                .collect(StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
                .toString();
    }
}
