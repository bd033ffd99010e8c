package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.Intake;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.conductor.readmodel.EventLog;
import dev.fermata.conductor.readmodel.Orders;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.store.ControlStore;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers about orders. Every method blocks. */
final class OrderReads {
    private static final int PAGE = 50;
    private static final int LONGEST_PAGE = 200;
    private static final int LONGEST_AUDIT_PAGE = 1000;

    private final ControlStore store;

    OrderReads(ControlStore store) {
        this.store = store;
    }

    /** Newest first; the header Link names the next page, where there is one. */
    Answer list(RoutingContext context) {
        String cursor = Parameters.text(context, "cursor");
        if (cursor != null) {
            checkCursor(cursor);
        }
        String state = Parameters.text(context, "state");
        if (state != null
                && Arrays.stream(RunState.values()).noneMatch(s -> s.wire().equals(state))) {
            String known = Arrays.stream(RunState.values()).map(RunState::wire).collect(Collectors.joining(", "));
            throw Parameters.bad("state", state, known);
        }
        int limit = Parameters.number(context, "limit", PAGE, LONGEST_PAGE);
        String target = Parameters.text(context, "target");
        ObjectNode page = store.inTransaction(
                connection -> Orders.page(connection, new Orders.Wanted(cursor, state, target), limit));
        return paged(context, page, "cursor");
    }

    private static void checkCursor(String cursor) {
        try {
            var unused = new WorkOrderId(cursor);
        } catch (IllegalArgumentException e) {
            throw Parameters.bad("cursor", cursor, "the 'next' of the page before");
        }
    }

    private static Answer paged(RoutingContext context, ObjectNode page, String parameter) {
        Answer answer = Answer.ok(page);
        if (!page.has("next")) {
            return answer;
        }
        Map<String, String> query = new TreeMap<>();
        context.queryParams().forEach(entry -> query.put(entry.getKey(), entry.getValue()));
        query.put(parameter, page.path("next").asText());
        String next = query.entrySet().stream()
                .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                .collect(Collectors.joining("&"));
        return answer.with("link", "<" + context.normalizedPath() + "?" + next + ">; rel=\"next\"");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    Answer one(String id) {
        return Answer.ok(
                store.inTransaction(connection -> Orders.one(connection, id)).orElseThrow(() -> Intake.notFound(id)));
    }

    Answer runs(String id) {
        return Answer.items(details(id));
    }

    /** The runs of an order that exists, with all that is known about them. */
    List<ObjectNode> details(String id) {
        List<ObjectNode> runs = store.inTransaction(connection -> Orders.runs(connection, id));
        if (runs.isEmpty()) {
            throw Intake.notFound(id);
        }
        return runs;
    }

    /** One for each run whose analysis is done. */
    Answer impact(String id) {
        List<ObjectNode> items = new ArrayList<>();
        for (ObjectNode run : details(id)) {
            if (run.has("impact")) {
                items.add(Json.mapper()
                        .createObjectNode()
                        .put("runId", run.path("id").asText())
                        .put("target", run.path("target").asText())
                        .put("revision", run.path("revision").asInt())
                        .set("impact", run.get("impact")));
            }
        }
        if (items.isEmpty()) {
            throw new RefusedException(
                    404, "not-yet", "there is no impact report yet; the order is still being analysed");
        }
        return Answer.items(items);
    }

    /**
     * The plan of one run with its digest, which is the ETag. It is the digest of the very plan in the body, whatever else is
     * known: who approves it must have seen it.
     */
    Answer plan(String id, @Nullable String target, @Nullable String ifNoneMatch) {
        ObjectNode run = one(details(id), target);
        if (!run.has("plan")) {
            throw new RefusedException(
                    404,
                    "not-yet",
                    "there is no plan yet; the run is " + run.path("state").asText());
        }
        String digest = run.path("planDigest").asText();
        String etag = '"' + digest + '"';
        if (etag.equals(ifNoneMatch)) {
            return Answer.notModified().with("etag", etag);
        }
        ObjectNode body = Json.mapper().createObjectNode();
        body.put("runId", run.path("id").asText());
        body.put("target", run.path("target").asText());
        body.put("state", run.path("state").asText());
        body.put("digest", digest);
        body.set("plan", run.get("plan"));
        if (run.has("rehearsal")) {
            body.set("rehearsal", run.get("rehearsal"));
        }
        return Answer.ok(body).with("etag", etag);
    }

    /** The run on a target, or the only one. */
    static ObjectNode one(List<ObjectNode> runs, @Nullable String target) {
        if (target == null && runs.size() == 1) {
            return runs.getFirst();
        }
        List<String> targets =
                runs.stream().map(run -> run.path("target").asText()).toList();
        return runs.stream()
                .filter(run -> run.path("target").asText().equals(target))
                .findFirst()
                .orElseThrow(() -> RefusedException.field(
                        400,
                        "which-target",
                        "/target",
                        (target == null ? "missing" : "'" + target + "'") + " (expected: one of "
                                + String.join(", ", targets) + ")"));
    }

    /** Everything that was said about the order, oldest first. */
    Answer audit(RoutingContext context, String id) {
        String after = Parameters.text(context, "after");
        long from = after == null ? 0 : Parameters.event("after", after);
        int limit = Parameters.number(context, "limit", LONGEST_PAGE, LONGEST_AUDIT_PAGE);
        ObjectNode page = store.inTransaction(connection -> {
            if (!Orders.exists(connection, id)) {
                throw Intake.notFound(id);
            }
            List<EventLog.Event> events = EventLog.read(connection, id, from, limit + 1);
            ObjectNode body = Json.mapper().createObjectNode();
            var items = body.putArray("items");
            events.stream().limit(limit).forEach(event -> items.add(event.json()));
            if (events.size() > limit) {
                body.put("next", events.get(limit - 1).seq());
            }
            return body;
        });
        return paged(context, page, "after");
    }
}
