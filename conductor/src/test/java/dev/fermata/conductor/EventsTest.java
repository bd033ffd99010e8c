package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.ExecutionMessage.Heartbeat;
import dev.fermata.contracts.run.RunState;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class EventsTest {
    @AutoClose
    private static final TestConductor CONDUCTOR = TestConductor.onSharedServers();

    private final Rest rest = CONDUCTOR.rest();

    private URI events(WorkOrderId id) {
        return rest.base().resolve("/v1/work-orders/" + id + "/events");
    }

    @Test
    void whatWasSaidAndWhatIsSaidComesInOrder() {
        RunId run = new RunId(CONDUCTOR.post("followed", "shop"), "shop");
        CONDUCTOR.say(Said.state(run, 1, RunState.ANALYSING, null));
        try (SseClient client = SseClient.open(events(run.order()), 0)) {
            List<SseClient.Event> before = client.next(2);
            CONDUCTOR.say(Said.impact(run, 1));
            CONDUCTOR.say(Said.state(run, 2, RunState.PREPARING, null));
            List<SseClient.Event> after = client.next(2);

            assertThat(before)
                    .extracting(SseClient.Event::type)
                    .containsExactlyInAnyOrder("WorkOrderIssued", "RunStateChanged");
            assertThat(after)
                    .extracting(SseClient.Event::type)
                    .containsExactlyInAnyOrder("ImpactReported", "RunStateChanged");
            JsonNode data = before.getFirst().data();
            assertThat(data.path("seq").asLong()).isEqualTo(before.getFirst().id());
            assertThat(data.path("workOrderId").asText()).isEqualTo(run.order().value());
            assertThat(data.path("source").asText()).startsWith("fermata/");
            assertThat(data.path("data").isObject()).isTrue();
        }
    }

    @Test
    void whoComesBackMissesNothingAndSeesNothingTwice() {
        RunId run = new RunId(CONDUCTOR.post("resumed", "shop"), "shop");
        int told = 600; // three batches
        IntStream.rangeClosed(1, told).forEach(i -> CONDUCTOR.say(Said.state(run, i, RunState.ANALYSING, null)));

        List<SseClient.Event> seen = new ArrayList<>();
        for (int piece : new int[] {1, 7, 193, 200, 1, told + 1 - 402}) {
            long last = seen.isEmpty() ? 0 : seen.getLast().id();
            try (SseClient client = SseClient.open(events(run.order()), last)) {
                seen.addAll(client.next(piece));
            }
        }

        assertThat(seen).extracting(SseClient.Event::id).doesNotHaveDuplicates().isSorted();
        assertThat(seen.stream()
                        .filter(e -> e.type().equals("RunStateChanged"))
                        .map(e -> e.data().path("data").path("sequence").asInt()))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, told).boxed().toList());
    }

    @Test
    void theSameMessageTwiceIsOneEvent() {
        RunId run = new RunId(CONDUCTOR.post("twice", "shop"), "shop");
        Envelope envelope = new Envelope(
                "once-" + run.order(),
                "fermata/supervisor",
                Instant.now(),
                null,
                Said.state(run, 1, RunState.ANALYSING, null));
        CONDUCTOR.say(envelope);
        CONDUCTOR.say(envelope);
        CONDUCTOR.say(Said.state(run, 2, RunState.PREPARING, null));
        CONDUCTOR.awaitState(run, RunState.PREPARING);

        assertThat(types(run.order()))
                .containsExactlyInAnyOrder("WorkOrderIssued", "RunStateChanged", "RunStateChanged");
    }

    @Test
    void heartbeatsAreNoEvents() {
        RunId run = new RunId(CONDUCTOR.post("heartbeat", "shop"), "shop");
        CONDUCTOR.say(new Heartbeat(run, 1, 1, "worker-1", "step 1", Said.NOW));
        CONDUCTOR.say(Said.rehearsed(run, 1));
        await().untilAsserted(() -> assertThat(types(run.order())).contains("RehearsalReported"));
        assertThat(types(run.order())).doesNotContain("Heartbeat");
    }

    private List<String> types(WorkOrderId id) {
        return rest.get("/v1/work-orders/" + id + "/audit").json().path("items").findValuesAsText("type");
    }

    @Test
    void eventsOfAllOrdersCanBeFollowedAfterAPoint() {
        WorkOrderId first = CONDUCTOR.post("all-1", "shop");
        await().untilAsserted(() -> assertThat(types(first)).isNotEmpty());
        long seq = rest.get("/v1/work-orders/" + first + "/audit")
                .json()
                .path("items")
                .path(0)
                .path("seq")
                .asLong();
        WorkOrderId second = CONDUCTOR.post("all-2", "shop");
        try (SseClient client = SseClient.open(rest.base().resolve("/v1/events?after=" + seq), 0)) {
            assertThat(client.next(1).getFirst().data().path("workOrderId").asText())
                    .isEqualTo(second.value());
        }
    }

    @Test
    void theAuditTrailIsPaged() {
        RunId run = new RunId(CONDUCTOR.post("audited", "shop"), "shop");
        IntStream.rangeClosed(1, 4).forEach(i -> CONDUCTOR.say(Said.state(run, i, RunState.ANALYSING, null)));
        await().untilAsserted(() -> assertThat(types(run.order())).hasSize(5));

        Rest.Reply first =
                rest.get("/v1/work-orders/" + run.order() + "/audit?limit=3").expect(200);
        String link = first.header("link");
        Rest.Reply second = rest.get(link.substring(1, link.indexOf('>'))).expect(200);

        assertThat(first.json().path("items")).hasSize(3);
        assertThat(second.json().path("items")).hasSize(2);
        assertThat(second.header("link")).isEmpty();
        List<Long> seqs = StreamSupport.stream(second.json().path("items").spliterator(), false)
                .map(e -> e.path("seq").asLong())
                .toList();
        assertThat(seqs).allMatch(seq -> seq > first.json().path("next").asLong());
    }

    @Test
    void aPointThatIsNoneIsRefused() {
        WorkOrderId id = CONDUCTOR.post("bad-point", "shop");
        rest.get(events(id).getPath(), "Last-Event-ID", "soon").expectProblem(400, "bad-last-event-id");
        rest.get(events(id).getPath() + "?after=-1").expectProblem(400, "bad-last-event-id");
        rest.get("/v1/work-orders/" + id + "/audit?after=x").expectProblem(400, "bad-after");
    }
}
