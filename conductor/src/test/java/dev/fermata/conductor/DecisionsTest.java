package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRejected;
import dev.fermata.contracts.message.ApprovalMessage.ChangesRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.contracts.message.WorkOrderMessage.OperatorRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderCancelled;
import dev.fermata.contracts.run.RunState;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionsTest {
    private static final String OTHER_DIGEST = "sha256:" + "f".repeat(64);

    @AutoClose
    private static final TestConductor CONDUCTOR = TestConductor.onSharedServers();

    private final Rest rest = CONDUCTOR.rest();

    @Test
    void thePlanComesWithItsDigestAsEtag() {
        RunId run = CONDUCTOR.awaitingApproval("plan", "shop");
        String digest = Said.plan(run, 1).digest();

        Rest.Reply plan = rest.get(path(run, "plan")).expect(200);

        assertThat(plan.header("etag")).isEqualTo('"' + digest + '"');
        assertThat(plan.text("digest")).isEqualTo(digest);
        assertThat(plan.json().path("plan")).isEqualTo(tree(Said.plan(run, 1)));
        assertThat(plan.json().path("rehearsal").path("passed").asBoolean()).isTrue();
        rest.get(path(run, "plan"), "If-None-Match", '"' + digest + '"').expect(304);
        rest.get(path(run, "plan") + "?target=shop").expect(200);
        rest.get(path(run, "plan") + "?target=shpo").expectProblem(400, "which-target");
    }

    @Test
    void theEtagIsThatOfThePlanInTheBodyEvenWhenTheSupervisorIsAheadOfIt() {
        RunId run = CONDUCTOR.awaitingApproval("ahead", "shop");
        CONDUCTOR.say(Said.state(run, 4, RunState.SCHEDULED, OTHER_DIGEST));
        CONDUCTOR.awaitState(run, RunState.SCHEDULED);

        assertThat(rest.get(path(run, "plan")).header("etag"))
                .isEqualTo('"' + Said.plan(run, 1).digest() + '"');
        assertThat(rest.get(path(run, "impact"))
                        .expect(200)
                        .json()
                        .path("items")
                        .path(0)
                        .path("impact"))
                .isEqualTo(tree(Said.impact(run, 1).report()));
    }

    @Test
    void beforeThereIsAPlanThereIsNone() {
        WorkOrderId id = CONDUCTOR.post("too-early", "shop");
        rest.get("/v1/work-orders/" + id + "/plan").expectProblem(404, "not-yet");
        rest.get("/v1/work-orders/" + id + "/impact").expectProblem(404, "not-yet");
    }

    @Test
    void anApprovalGoesToTheSupervisor() {
        RunId run = CONDUCTOR.awaitingApproval("approved", "shop");
        String digest = Said.plan(run, 1).digest();

        rest.post(path(run, "decisions"), """
            {"decision": "approve", "by": "bob@example.org", "comment": "fine"}
            """, "If-Match", '"' + digest + '"').expect(202);

        assertThat(CONDUCTOR.messages(
                        Topic.APPROVALS, ApprovalGranted.class, m -> m.runId().equals(run)))
                .singleElement()
                .satisfies(granted -> {
                    assertThat(granted.by()).isEqualTo(Actor.person("bob@example.org"));
                    assertThat(granted.digest()).isEqualTo(digest);
                    assertThat(granted.revision()).isEqualTo(1);
                    assertThat(granted.comment()).isEqualTo("fine");
                });
    }

    @Test
    void whatWasDecidedIsSeenOnTheRun() {
        RunId run = CONDUCTOR.awaitingApproval("seen", "shop");
        decide(run, "approve", "bob@example.org").expect(202);

        org.awaitility.Awaitility.await().untilAsserted(() -> {
            JsonNode decision = CONDUCTOR.runJson(run).path("decision");
            assertThat(decision.path("decision").asText()).isEqualTo("approved");
            assertThat(decision.path("by").asText()).isEqualTo("bob@example.org");
        });
    }

    @Test
    void aRejectionAndARequestForChangesGoToTheSupervisor() {
        RunId rejected = CONDUCTOR.awaitingApproval("rejected", "shop");
        decide(rejected, "reject", "ada@example.org").expect(202);
        assertThat(CONDUCTOR.messages(
                        Topic.APPROVALS, ApprovalRejected.class, m -> m.runId().equals(rejected)))
                .singleElement()
                .satisfies(m -> assertThat(m.reason()).isEqualTo("because"));

        RunId changes = CONDUCTOR.awaitingApproval("changes", "shop");
        decide(changes, "request-changes", "bob@example.org").expect(202);
        assertThat(CONDUCTOR.messages(
                        Topic.APPROVALS, ChangesRequested.class, m -> m.runId().equals(changes)))
                .singleElement()
                .satisfies(m -> assertThat(m.feedback().getFirst().problem()).isEqualTo("because"));
    }

    @Test
    void noDigestIsNoDecision() {
        RunId run = CONDUCTOR.awaitingApproval("no-digest", "shop");
        Rest.Reply reply = rest.post(path(run, "decisions"), """
            {"decision": "approve", "by": "bob@example.org"}
            """).expectProblem(428, "digest-required");
        assertThat(reply.json().path("errors").path(0).path("pointer").asText()).isEqualTo("/digest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "W/\"sha256:abc\"", "sha256:abc", "deadbeef"})
    void aDigestIsNamedInFull(String ifMatch) {
        RunId run = CONDUCTOR.awaitingApproval("bad-digest", "shop");
        rest.post(path(run, "decisions"), """
            {"decision": "approve", "by": "bob@example.org"}
            """, "If-Match", ifMatch).expectProblem(400, "bad-digest");
    }

    @Test
    void aStaleDigestIsRefusedWithBoth() {
        RunId run = CONDUCTOR.awaitingApproval("stale", "shop");
        Rest.Reply reply =
                rest.post(path(run, "decisions"), """
                    {"decision": "approve", "by": "bob@example.org"}
                    """, "If-Match", OTHER_DIGEST).expectProblem(412, "plan-changed");
        assertThat(reply.text("detail"))
                .contains(OTHER_DIGEST, Said.plan(run, 1).digest());
    }

    @Test
    void theAuthorDoesNotApproveOnProductionWhateverTheCase() {
        RunId run = CONDUCTOR.awaitingApproval("self", "shop");
        decide(run, "approve", "ada@example.org").expectProblem(403, "self-approval");
        decide(run, "approve", "ADA@example.org").expectProblem(403, "self-approval");
        decide(run, "approve", "bob@example.org").expect(202);
    }

    @Test
    void whoAmendedItIsAnAuthorToo() {
        RunId run = new RunId(CONDUCTOR.post("editor", "shop"), "shop");
        rest.post(path(run, "amendments") + "?by=eve@example.org", Said.document("editor", "shop"))
                .expect(202);
        CONDUCTOR.say(Said.state(
                run, 2, 1, RunState.AWAITING_APPROVAL, Said.plan(run, 2).digest()));
        CONDUCTOR.awaitState(run, RunState.AWAITING_APPROVAL);

        rest.post(path(run, "decisions"), """
            {"decision": "approve", "by": "eve@example.org"}
            """, "If-Match", Said.plan(run, 2).digest())
                .expectProblem(403, "self-approval");
    }

    @Test
    void elsewhereThanOnProductionTheSupervisorSays() {
        RunId run = CONDUCTOR.awaitingApproval("self-elsewhere", "playground");
        decide(run, "approve", "ada@example.org").expect(202);
    }

    @Test
    void aRunThatDoesNotWaitCannotBeDecidedOn() {
        RunId run = new RunId(CONDUCTOR.post("not-pending", "shop"), "shop");
        Rest.Reply reply = decide(run, "approve", "bob@example.org").expectProblem(409, "not-pending");
        assertThat(reply.text("detail")).contains("issued");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"by\": \"bob\", \"digest\": \"D\"}|missing-decision|/decision",
                "{\"decision\": \"maybe\", \"by\": \"bob\", \"digest\": \"D\"}|bad-decision|/decision",
                "{\"decision\": \"approve\", \"digest\": \"D\"}|missing-by|/by",
                "{\"decision\": \"approve\", \"by\": \"policy:default\", \"digest\": \"D\"}|bad-by|/by",
                "{\"decision\": \"reject\", \"by\": \"bob\", \"digest\": \"D\"}|missing-comment|/comment",
                "{\"decision\": \"reject\", \"by\": \"bob\", \"digest\": \"D\", \"comment\": 7}|wrong-type|/comment",
                "{\"decision\": \"reject\", \"by\": \"bob\", \"digest\": \"D\", \"comment\":"
                        + " \"a\\u0000\"}|bad-text|/comment",
                "{\"desicion\": \"approve\", \"by\": \"bob\", \"digest\": \"D\"}|unknown-key|/desicion",
            })
    void aDecisionThatCannotBeReadNamesTheField(String body, String code, String pointer) {
        RunId run = new RunId(CONDUCTOR.post("bad-decision", "shop"), "shop");
        Rest.Reply reply = rest.post(path(run, "decisions"), body.replace("\"D\"", '"' + OTHER_DIGEST + '"'))
                .expectProblem(400, code);
        assertThat(reply.json().path("errors").path(0).path("pointer").asText()).isEqualTo(pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "{", "null", "{\"by\": \"a\", \"by\": \"b\"}"})
    void aBodyThatIsNoObjectIsRefused(String body) {
        rest.post("/v1/work-orders/wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P/decisions", body)
                .expectProblem(400, "not-json");
    }

    @Test
    void ofSeveralRunsTheDigestSaysWhichIsMeant() {
        WorkOrderId id = CONDUCTOR.post("two-runs", "shop", "billing");
        RunId shop = new RunId(id, "shop");
        RunId billing = new RunId(id, "billing");
        for (RunId run : new RunId[] {shop, billing}) {
            CONDUCTOR.say(Said.state(
                    run, 1, RunState.AWAITING_APPROVAL, Said.plan(run, 1).digest()));
            CONDUCTOR.awaitState(run, RunState.AWAITING_APPROVAL);
        }
        assertThat(decide(billing, "approve", "bob@example.org").expect(202).text("target"))
                .isEqualTo("billing");
        Rest.Reply stale =
                rest.post(path(shop, "decisions"), """
                    {"decision": "approve", "by": "bob@example.org", "digest": "%s"}
                    """.formatted(OTHER_DIGEST)).expectProblem(412, "plan-changed");
        assertThat(stale.text("detail")).contains("shop " + Said.plan(shop, 1).digest());
        rest.get(path(shop, "plan")).expectProblem(400, "which-target");
    }

    @Test
    void anAmendmentIsTheNextRevision() {
        RunId run = CONDUCTOR.awaitingApproval("amended", "shop");
        String amended = Said.document("amended", "shop").replace("status text", "status varchar");

        Rest.Reply reply = rest.post(path(run, "amendments") + "?by=ada@example.org", amended)
                .expect(202);

        assertThat(reply.json().path("revision").asInt()).isEqualTo(2);
        JsonNode order = rest.get("/v1/work-orders/" + run.order()).json();
        assertThat(order.path("revision").asInt()).isEqualTo(2);
        assertThat(order.path("order").path("change").asText()).contains("varchar");
        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, WorkOrderAmended.class, m -> m.workOrderId()
                        .equals(run.order())))
                .singleElement()
                .satisfies(m -> {
                    assertThat(m.revision()).isEqualTo(2);
                    assertThat(m.by().name()).isEqualTo("ada@example.org");
                });
    }

    @Test
    void anAmendmentThatDoesNotFitIsRefused() {
        RunId run = CONDUCTOR.awaitingApproval("not-amended", "shop");
        String by = "?by=ada@example.org";
        rest.post(path(run, "amendments"), Said.document("not-amended", "shop")).expectProblem(400, "missing-by");
        rest.post(path(run, "amendments") + by, Said.document("not-amended", "billing"))
                .expectProblem(422, "targets-changed");
        rest.post(path(run, "amendments") + by, "nonsense").expectProblem(422, "validation-failed");
        rest.post("/v1/work-orders/wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P/amendments" + by, Said.document("a", "shop"))
                .expectProblem(404, "not-found");

        CONDUCTOR.say(Said.state(run, 4, RunState.MIGRATING, Said.plan(run, 1).digest()));
        CONDUCTOR.awaitState(run, RunState.MIGRATING);
        rest.post(path(run, "amendments") + by, Said.document("not-amended", "shop"))
                .expectProblem(409, "not-pending");
    }

    @Test
    void aCancellationGoesToTheSupervisor() {
        RunId run = CONDUCTOR.awaitingApproval("cancelled", "shop");
        rest.post(path(run, "cancel"), """
            {"by": "ada@example.org", "reason": "wrong table"}
            """).expect(202);
        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, WorkOrderCancelled.class, m -> m.workOrderId()
                        .equals(run.order())))
                .singleElement()
                .satisfies(m -> assertThat(m.reason()).isEqualTo("wrong table"));

        rest.post(path(run, "cancel"), "{\"by\": \"ada\"}").expectProblem(400, "missing-reason");
        CONDUCTOR.say(Said.state(run, 4, RunState.CANCELLED, null));
        CONDUCTOR.awaitState(run, RunState.CANCELLED);
        rest.post(path(run, "cancel"), "{\"by\": \"ada\", \"reason\": \"again\"}")
                .expectProblem(409, "not-pending");
    }

    @Test
    void aRollbackIsOfferedWhileThereIsSomethingToTakeBack() {
        RunId run = CONDUCTOR.awaitingApproval("rollback", "shop");
        String body = "{\"by\": \"ada@example.org\", \"reason\": \"slow checkout\"}";
        Rest.Reply early = rest.post(path(run, "rollback"), body).expectProblem(409, "not-pending");
        assertThat(early.text("detail")).contains("awaiting-approval", "cancel");

        CONDUCTOR.say(Said.state(run, 4, RunState.SOAKING, Said.plan(run, 1).digest()));
        CONDUCTOR.awaitState(run, RunState.SOAKING);
        rest.post(path(run, "rollback"), body).expect(202);
        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, OperatorRequested.class, m -> m.workOrderId()
                        .equals(run.order())))
                .singleElement()
                .satisfies(m -> {
                    assertThat(m.action()).isEqualTo(OperatorRequested.Action.ROLLBACK);
                    assertThat(m.runId()).isNull();
                });
        rest.post(path(run, "rollback"), body.replace("}", ", \"target\": \"billing\"}"))
                .expectProblem(400, "which-target");
        rest.post(path(run, "rollback"), body.replace("}", ", \"target\": \"shop\"}"))
                .expect(202);
    }

    @Test
    void whatGoesForwardCanBePausedAndResumedAtAnySpeed() {
        RunId run = CONDUCTOR.awaitingApproval("paused", "shop");
        String body = "{\"by\": \"ada@example.org\", \"reason\": \"busy hour\"}";
        Rest.Reply early = rest.post(path(run, "pause"), body).expectProblem(409, "not-pending");
        assertThat(early.text("detail")).contains("awaiting-approval", "migrating");

        CONDUCTOR.say(Said.state(run, 4, RunState.MIGRATING, Said.plan(run, 1).digest()));
        CONDUCTOR.awaitState(run, RunState.MIGRATING);
        rest.post(path(run, "pause"), body).expect(202);
        rest.post(path(run, "resume"), body.replace("}", ", \"percent\": 0}")).expectProblem(400, "wrong-number");
        rest.post(path(run, "resume"), body.replace("}", ", \"percent\": 40, \"target\": \"shop\"}"))
                .expect(202);
        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, OperatorRequested.class, m -> m.workOrderId()
                        .equals(run.order())))
                .extracting(m -> m.action() + " " + m.percent())
                .containsExactly("PAUSE null", "RESUME 40");
    }

    @Test
    void onlyWhatWaitsForTheWordToContractCanBeContracted() {
        RunId run = new RunId(CONDUCTOR.post("contract", "shop"), "shop");
        String body = Said.json(Map.of("by", "eve@example.org", "reason", "all deployed"));
        Rest.Reply early = rest.post(path(run, "contract"), body).expectProblem(409, "not-pending");
        assertThat(early.text("detail")).contains("expected: awaiting-contract");
        CONDUCTOR.say(
                Said.state(run, 4, RunState.AWAITING_CONTRACT, Said.plan(run, 1).digest()));
        CONDUCTOR.awaitState(run, RunState.AWAITING_CONTRACT);
        rest.post(path(run, "contract"), body).expect(202);
        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, OperatorRequested.class, m -> m.workOrderId()
                        .equals(run.order())))
                .extracting(OperatorRequested::action)
                .containsExactly(OperatorRequested.Action.CONTRACT);
        rest.post("/v1/work-orders/nothing/contract", body).expectProblem(404, "not-found");
    }

    private Rest.Reply decide(RunId run, String decision, String by) {
        Map<String, String> body = Map.of(
                "decision", decision, "by", by, "digest", Said.plan(run, 1).digest(), "comment", "because");
        return rest.post(path(run, "decisions"), Said.json(body));
    }

    private static String path(RunId run, String what) {
        return "/v1/work-orders/" + run.order() + "/" + what;
    }

    private static JsonNode tree(Object value) {
        return Said.tree(value);
    }
}
