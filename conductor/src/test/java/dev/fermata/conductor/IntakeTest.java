package dev.fermata.conductor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.message.Topic;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class IntakeTest {
    @AutoClose
    private static final TestConductor CONDUCTOR = TestConductor.onSharedServers();

    private final Rest rest = CONDUCTOR.rest();

    @Test
    void aMarkdownDocumentBecomesAnOrder() {
        Rest.Reply posted = rest.post("/v1/work-orders", Said.document("add-status", "shop"))
                .expect(202);

        String id = posted.text("id");
        assertThat(posted.header("location")).isEqualTo("/v1/work-orders/" + id);
        JsonNode order = rest.get(posted.header("location")).expect(200).json();
        assertThat(order.path("name").asText()).isEqualTo("add-status");
        assertThat(order.path("title").asText()).isEqualTo("Add status to orders");
        assertThat(order.path("author").asText()).isEqualTo("ada@example.org");
        assertThat(order.path("revision").asInt()).isEqualTo(1);
        assertThat(order.path("state").asText()).isEqualTo("issued");
        assertThat(order.path("order").path("change").asText()).contains("ADD COLUMN status");
        assertThat(order.path("runs").path(0).path("id").asText()).isEqualTo(id + "/shop");
    }

    @Test
    void anAcceptedOrderIsIssuedOnTheTopic() {
        String id = CONDUCTOR.post("issued-on-topic", "shop", "billing").value();

        assertThat(CONDUCTOR.messages(Topic.WORK_ORDERS, WorkOrderIssued.class, m -> m.workOrderId()
                        .value()
                        .equals(id)))
                .singleElement()
                .satisfies(
                        m -> assertThat(m.runs().stream().map(Object::toString).toList())
                                .containsExactly(id + "/shop", id + "/billing"));
    }

    @Test
    void yamlAndJsonAreAccepted() {
        rest.post("/v1/work-orders", """
            name: from-yaml
            author: ada@example.org
            targets: [shop]
            change: |
              ALTER TABLE orders ADD COLUMN status text;
            """).expect(202);
        rest.post("/v1/work-orders", """
            {"name": "from-json", "author": "ada@example.org", "targets": ["shop"],
             "change": "ALTER TABLE orders ADD COLUMN status text"}
            """, "content-type", "application/json").expect(202);
    }

    @Test
    void curlMayCallADocumentAForm() {
        String percent =
                Said.document("percent", "shop").replace("'new'", "'100%'").replace("checkout", "100% &%zz=");
        rest.post("/v1/work-orders", percent, "content-type", "application/x-www-form-urlencoded")
                .expect(202);
        rest.post("/v1/work-orders", percent, "content-type", "multipart/form-data; boundary=x")
                .expect(202);
    }

    @Test
    void theSameKeyWithTheSameBodyIsTheSameOrder() {
        String document = Said.document("replayed", "shop");
        Rest.Reply first =
                rest.post("/v1/work-orders", document, "Idempotency-Key", "k-1").expect(202);
        Rest.Reply again =
                rest.post("/v1/work-orders", document, "Idempotency-Key", "k-1").expect(202);

        assertThat(again.text("id")).isEqualTo(first.text("id"));
        assertThat(again.header("location")).isEqualTo(first.header("location"));
    }

    @Test
    void theSameKeyWithAnotherBodyIsRefused() {
        Rest.Reply first = rest.post("/v1/work-orders", Said.document("one", "shop"), "Idempotency-Key", "k-2")
                .expect(202);
        Rest.Reply other = rest.post("/v1/work-orders", Said.document("two", "shop"), "Idempotency-Key", "k-2")
                .expectProblem(422, "idempotency-mismatch");

        assertThat(other.text("detail")).contains("'k-2'", first.text("id"));
    }

    @Test
    void manyAtOnceWithTheSameKeyMakeOneOrder() throws Exception {
        String document = Said.document("at-once", "shop");
        Callable<String> post = () -> rest.post("/v1/work-orders", document, "Idempotency-Key", "k-3")
                .expect(202)
                .text("id");
        Set<String> ids = new HashSet<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            for (var id :
                    clients.invokeAll(IntStream.range(0, 8).mapToObj(i -> post).toList())) {
                ids.add(id.get());
            }
        }
        assertThat(ids).hasSize(1);
    }

    @Test
    void aRefusedDocumentDoesNotUseUpItsKey() {
        rest.post("/v1/work-orders", Said.document("bad", "shpo"), "Idempotency-Key", "k-4")
                .expect(422);
        rest.post("/v1/work-orders", Said.document("good", "shop"), "Idempotency-Key", "k-4")
                .expect(202);
    }

    @Test
    void aKeyIsNotEndless() {
        rest.post("/v1/work-orders", Said.document("long-key", "shop"), "Idempotency-Key", "k".repeat(201))
                .expectProblem(400, "bad-idempotency-key");
    }

    @Test
    void anUnknownTargetNamesTheNearest() {
        Rest.Reply reply = rest.post("/v1/work-orders", Said.document("unknown", "shop", "biling"))
                .expectProblem(422, "unknown-target");

        assertThat(reply.text("detail")).isEqualTo("target 'biling' is not in the registry (did you mean 'billing'?)");
        assertThat(reply.json().path("errors").path(0).path("pointer").asText()).isEqualTo("/targets/1");
    }

    @Test
    void aTargetLikeNoneNamesAll() {
        assertThat(rest.post("/v1/work-orders", Said.document("unknown", "warehouse"))
                        .text("detail"))
                .isEqualTo("target 'warehouse' is not in the registry (it has billing, playground, shop)");
    }

    @Test
    void whatCannotBeReadIsToldWithLineColumnAndPointer() {
        Rest.Reply reply = rest.post("/v1/work-orders", """
            {"name": "Bad Name",
             "author": "ada@example.org",
             "targets": ["shop"],
             "chnage": "select 1"}
            """).expectProblem(422, "validation-failed");

        JsonNode errors = reply.json().path("errors");
        assertThat(errors.findValuesAsText("pointer")).contains("/name", "/chnage");
        for (JsonNode error : errors) {
            if (error.path("pointer").asText().equals("/chnage")) {
                assertThat(error.path("line").asInt()).isEqualTo(4);
                assertThat(error.path("column").asInt()).isEqualTo(2);
                assertThat(error.path("code").asText()).isEqualTo("unknown-key");
                assertThat(error.path("message").asText()).contains("chnage", "change");
            }
        }
    }

    @Test
    void aFileBesideAPostedDocumentIsRefused() {
        Rest.Reply reply = rest.post("/v1/work-orders", """
            name: with-file
            author: ada@example.org
            targets: [shop]
            change: V1.sql
            """).expectProblem(422, "validation-failed");
        assertThat(reply.text("detail")).contains("V1.sql");
    }

    @Test
    void anAuthorMustBeNamed() {
        rest.post("/v1/work-orders", Said.document("no-author", "shop").replace("author: ada@example.org\n", ""))
                .expectProblem(422, "validation-failed");
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        byte[] latin =
                Said.document("latin", "shop").replace("needs", "m\u00f6chte").getBytes(StandardCharsets.ISO_8859_1);
        rest.post("/v1/work-orders", latin).expectProblem(422, "validation-failed");
        rest.post("/v1/work-orders", """
            {"name": "nul", "title": "a\\u0000b", "author": "ada", "targets": ["shop"], "change": "select 1"}
            """).expectProblem(422, "not-text");
    }

    @Test
    void anEmptyBodyAndATooLargeOneAreRefused() {
        rest.post("/v1/work-orders", "").expectProblem(400, "empty-body");
        rest.post("/v1/work-orders", "x".repeat((1 << 20) + 1)).expectProblem(413, "payload-too-large");
    }

    @Test
    void aDryRunStoresNothing() {
        int before = rest.get("/v1/work-orders?limit=200").json().path("items").size();
        Rest.Reply checked = rest.post("/v1/work-orders?dry-run=true", Said.document("dry", "shop"))
                .expect(200);

        assertThat(checked.json().path("order").path("soak").asText()).isEqualTo("PT2M");
        assertThat(rest.get("/v1/work-orders?limit=200").json().path("items").size())
                .isEqualTo(before);
        rest.post("/v1/work-orders?dry-run=true", Said.document("dry", "shpo")).expectProblem(422, "unknown-target");
        rest.post("/v1/work-orders?dry-run=maybe", Said.document("dry", "shop")).expectProblem(400, "bad-dry-run");
    }

    @Test
    void pagesFollowEachOtherByTheLinkHeader() {
        List<String> ids = IntStream.range(0, 5)
                .mapToObj(i -> CONDUCTOR.post("page-" + i, "playground").value())
                .toList();

        Rest.Reply first = rest.get("/v1/work-orders?limit=2&target=playground").expect(200);
        assertThat(first.json().path("items").findValuesAsText("name")).containsExactly("page-4", "page-3");
        Rest.Reply second = rest.get(next(first)).expect(200);
        assertThat(second.json().path("items").findValuesAsText("name")).containsExactly("page-2", "page-1");
        assertThat(second.text("next")).isEqualTo(ids.get(1));
        Rest.Reply third = rest.get(next(second)).expect(200);
        assertThat(third.json().path("items").findValuesAsText("name")).containsExactly("page-0");
        assertThat(third.header("link")).isEmpty();
        assertThat(third.json().has("next")).isFalse();
    }

    private static String next(Rest.Reply reply) {
        String link = reply.header("link");
        assertThat(link).startsWith("</v1/work-orders?").endsWith(">; rel=\"next\"");
        return link.substring(1, link.indexOf('>'));
    }

    @Test
    void theListRefusesWhatItDoesNotKnow() {
        rest.get("/v1/work-orders?limit=0").expectProblem(400, "bad-limit");
        rest.get("/v1/work-orders?limit=many").expectProblem(400, "bad-limit");
        rest.get("/v1/work-orders?state=sleeping").expectProblem(400, "bad-state");
        rest.get("/v1/work-orders?cursor=x").expectProblem(400, "bad-cursor");
    }

    @Test
    void theListIsFilteredByState() {
        CONDUCTOR.post("filtered", "shop");
        assertThat(rest.get("/v1/work-orders?state=issued&limit=200")
                        .json()
                        .path("items")
                        .findValuesAsText("name"))
                .contains("filtered");
        assertThat(rest.get("/v1/work-orders?state=soaking").json().path("items"))
                .isEmpty();
    }
}
