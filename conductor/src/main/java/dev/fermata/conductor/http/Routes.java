package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.Intake;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.conductor.readmodel.Queries;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.codec.Json;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.WorkOrderMessage.OperatorRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderCancelled;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.bus.BrokerUnavailableException;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.runtime.http.Blocking;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.HttpException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST interface. Runs on the event loop; everything that blocks is handed to {@link Blocking}. */
public final class Routes {
    private static final Logger LOGGER = LoggerFactory.getLogger(Routes.class);
    private static final long LARGEST_BODY = 1 << 20;
    private static final int LONGEST_PAGE = 200;
    private static final int CONCURRENT = 16;
    private static final int MANY_EVENTS = 100_000;

    private static final Set<String> CAN_ROLL_BACK = Set.of(
            RunState.BACKING_UP.wire(),
            RunState.MIGRATING.wire(),
            RunState.VERIFYING.wire(),
            RunState.SOAKING.wire(),
            RunState.ESCALATED.wire());

    private final ServiceRuntime runtime;
    private final Intake intake;
    private final Map<String, TargetConfig> targets;
    private final Caller caller;
    private final Blocking blocking;
    private final Decisions decisions;

    public Routes(ServiceRuntime runtime, Intake intake, Map<String, TargetConfig> targets, String userHeader) {
        this.runtime = runtime;
        this.intake = intake;
        this.targets = new TreeMap<>(targets);
        this.caller = new Caller(userHeader);
        this.blocking = new Blocking(runtime.vertx(), CONCURRENT);
        this.decisions = new Decisions(runtime);
    }

    public void mount(Router router) {
        router.route("/v1/*").handler(BodyHandler.create(false).setBodyLimit(LARGEST_BODY));
        router.route().failureHandler(context -> ProblemJson.answer(
                context,
                context.failure() == null
                        ? new HttpException(context.statusCode())
                        : context.failure()));
        router.post("/v1/work-orders").handler(this::post);
        router.get("/v1/work-orders").handler(this::list);
        router.get("/v1/work-orders/:id").handler(context -> answer(context, () -> order(context)));
        router.get("/v1/work-orders/:id/runs").handler(context -> answer(context, () -> runs(context)));
        router.get("/v1/work-orders/:id/impact").handler(context -> answer(context, () -> part(context, "impact")));
        router.get("/v1/work-orders/:id/plan").handler(this::plan);
        router.get("/v1/work-orders/:id/audit").handler(context -> answer(context, () -> audit(context)));
        router.get("/v1/work-orders/:id/events").handler(context -> events(context, context.pathParam("id")));
        router.get("/v1/events").handler(context -> events(context, null));
        router.post("/v1/work-orders/:id/decisions").handler(this::decide);
        router.post("/v1/work-orders/:id/amendments").handler(this::amend);
        router.post("/v1/work-orders/:id/cancel").handler(this::cancel);
        router.post("/v1/work-orders/:id/rollback").handler(this::rollback);
        router.get("/v1/targets").handler(context -> answer(context, this::targets));
        router.get("/v1/memory").handler(context -> answer(context, () -> memory(context)));
        router.get("/v1/workflows/schema-migration").handler(context -> resource(context, "workflow-schema-migration.json"));
        router.get("/openapi.json").handler(context -> resource(context, "openapi.json"));
    }

    private void post(RoutingContext context) {
        String key = context.request().getHeader("Idempotency-Key");
        String document = text(context);
        String principal = caller.principal(context);
        var authorship = caller.authorship(context);
        blocking.call(() -> {
                    WorkOrderId id = runtime.transactions()
                            .inTransaction(
                                    context.request().getHeader("traceparent"),
                                    work -> intake.accept(document, principal, key, authorship, work));
                    publish();
                    return id;
                })
                .onSuccess(id -> json(
                        context.response()
                                .setStatusCode(202)
                                .putHeader("location", "/v1/work-orders/" + id),
                        Json.mapper().createObjectNode().put("id", id.value())))
                .onFailure(context::fail);
    }

    private static String text(RoutingContext context) {
        String text = context.body().asString();
        if (text == null || text.isBlank()) {
            throw new RefusedException(400, "empty-body", "the body is empty (expected: a work order as Markdown, YAML or JSON)");
        }
        return text;
    }

    /** What was decided is durable already; a broker that is away gets it later. */
    private void publish() {
        try {
            runtime.relay().drain();
        } catch (BrokerUnavailableException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("published later");
        }
    }

    private void list(RoutingContext context) {
        String cursor = parameter(context, "cursor");
        String state = parameter(context, "state");
        answer(context, () -> {
            int limit = number(parameter(context, "limit"), 50, LONGEST_PAGE);
            if (state != null) {
                checkState(state);
            }
            return runtime.store().inTransaction(connection -> Queries.orders(connection, cursor, state, limit));
        });
    }

    private static void checkState(String state) {
        for (RunState known : RunState.values()) {
            if (known.wire().equals(state)) {
                return;
            }
        }
        throw new RefusedException(400, "bad-state", "state: '" + state + "' (expected: one of the states of a run, such as soaking)");
    }

    private static @Nullable String parameter(RoutingContext context, String name) {
        return context.request().getParam(name);
    }

    private static int number(@Nullable String text, int defaultValue, int max) {
        if (text == null) {
            return defaultValue;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new RefusedException(400, "bad-limit", "limit: '" + text + "' (expected: 1 to " + max + ")");
    }

    private JsonNode order(RoutingContext context) {
        String id = context.pathParam("id");
        return runtime.store()
                .inTransaction(connection -> Queries.order(connection, id))
                .orElseThrow(() -> notFound(id));
    }

    private static RefusedException notFound(String id) {
        return new RefusedException(404, "not-found", "no work order '" + id + "'; GET /v1/work-orders lists them");
    }

    private List<ObjectNode> details(RoutingContext context) {
        String id = context.pathParam("id");
        List<ObjectNode> runs = runtime.store().inTransaction(connection -> Queries.runs(connection, id, true));
        if (runs.isEmpty()) {
            throw notFound(id);
        }
        return runs;
    }

    private JsonNode runs(RoutingContext context) {
        ArrayNode array = Json.mapper().createArrayNode();
        details(context).forEach(array::add);
        return Json.mapper().createObjectNode().set("items", array);
    }

    /** One part of each run, by target. */
    private JsonNode part(RoutingContext context, String part) {
        ObjectNode parts = Json.mapper().createObjectNode();
        for (ObjectNode run : details(context)) {
            if (run.has(part)) {
                parts.set(run.path("target").asText(), run.get(part));
            }
        }
        if (parts.isEmpty()) {
            throw new RefusedException(404, "not-yet", "there is no " + part + " yet");
        }
        return parts;
    }

    /** The plan of the run on {@code ?target=}, or of the only one; its ETag is its digest. */
    private void plan(RoutingContext context) {
        blocking.call(() -> oneRun(details(context), parameter(context, "target")))
                .onSuccess(run -> {
                    if (!run.has("plan")) {
                        context.fail(new RefusedException(404, "not-yet", "there is no plan yet"));
                        return;
                    }
                    ObjectNode body = Json.mapper().createObjectNode();
                    body.put("digest", run.path("digest").asText());
                    body.set("plan", run.get("plan"));
                    body.set("rehearsal", run.get("rehearsal"));
                    json(context.response().putHeader("etag", '"' + run.path("digest").asText() + '"'), body);
                })
                .onFailure(context::fail);
    }

    private static ObjectNode oneRun(List<ObjectNode> runs, @Nullable String target) {
        if (target == null && runs.size() == 1) {
            return runs.get(0);
        }
        return runs.stream()
                .filter(run -> run.path("target").asText().equals(target))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        400,
                        "which-target",
                        "target: '" + target + "' (expected: one of "
                                + runs.stream().map(r -> r.path("target").asText()).toList() + ")"));
    }

    private JsonNode audit(RoutingContext context) {
        String id = context.pathParam("id");
        return runtime.store().inTransaction(connection -> {
            if (!Queries.exists(connection, id)) {
                throw notFound(id);
            }
            ArrayNode items = Json.mapper().createArrayNode();
            Queries.events(connection, id, 0, MANY_EVENTS).forEach(event -> items.add(event.json()));
            return Json.mapper().createObjectNode().set("items", items);
        });
    }

    private void events(RoutingContext context, @Nullable String order) {
        String last = Optional.ofNullable(context.request().getHeader("Last-Event-ID"))
                .orElse(Optional.ofNullable(parameter(context, "after")).orElse("0"));
        if (!last.matches("\\d{1,18}")) {
            throw new RefusedException(400, "bad-event-id", "Last-Event-ID: '" + last + "' (expected: the id of an event)");
        }
        if (order == null) {
            stream(context, null, last);
            return;
        }
        blocking.call(() -> runtime.store().inTransaction(connection -> Queries.exists(connection, order)))
                .onSuccess(exists -> {
                    if (exists) {
                        stream(context, order, last);
                    } else {
                        context.fail(notFound(order));
                    }
                })
                .onFailure(context::fail);
    }

    private void stream(RoutingContext context, @Nullable String order, String last) {
        new EventStream(runtime.vertx(), blocking, runtime.store(), context.response(), order, Long.parseLong(last)).start();
    }

    private void decide(RoutingContext context) {
        JsonObject body = body(context);
        Actor by = caller.actor(context, body);
        String id = context.pathParam("id");
        String match = context.request().getHeader("If-Match");
        accepted(context, () -> {
            Decisions.Asked asked = decisions.read(body, match, by);
            decisions.decide(oneRun(runs(id), body.getString("target")), asked, said -> say(context, said));
            return Json.mapper().createObjectNode().put("id", id).put("decision", asked.decision().wire());
        });
    }

    private List<ObjectNode> runs(String id) {
        List<ObjectNode> runs = runtime.store().inTransaction(connection -> Queries.runs(connection, id, true));
        if (runs.isEmpty()) {
            throw notFound(id);
        }
        return runs;
    }

    private void amend(RoutingContext context) {
        String document = text(context);
        String by = Optional.ofNullable(parameter(context, "by")).orElse("");
        Actor actor = caller.actor(context, new JsonObject().put("by", by));
        WorkOrderId id = id(context);
        accepted(context, () -> {
            int revision = runtime.transactions()
                    .inTransaction(
                            context.request().getHeader("traceparent"), work -> intake.amend(id, document, actor, work));
            publish();
            return Json.mapper().createObjectNode().put("id", id.value()).put("revision", revision);
        });
    }

    private void cancel(RoutingContext context) {
        JsonObject body = body(context);
        Actor by = caller.actor(context, body);
        String reason = reason(body);
        WorkOrderId id = id(context);
        accepted(context, () -> {
            if (runs(id.value()).stream().allMatch(Routes::hasEnded)) {
                throw new RefusedException(409, "not-pending", "every run of this order has ended; there is nothing to cancel");
            }
            say(context, new WorkOrderCancelled(id, reason, by));
            return Json.mapper().createObjectNode().put("id", id.value());
        });
    }

    private static boolean hasEnded(ObjectNode run) {
        return switch (run.path("state").asText()) {
            case "succeeded", "rolled-back", "rejected", "cancelled", "failed" -> true;
            default -> false;
        };
    }

    private void rollback(RoutingContext context) {
        JsonObject body = body(context);
        Actor by = caller.actor(context, body);
        String reason = reason(body);
        WorkOrderId id = id(context);
        String target = body.getString("target");
        accepted(context, () -> {
            List<ObjectNode> runs = runs(id.value());
            List<String> states = runs.stream()
                    .filter(run -> target == null || run.path("target").asText().equals(target))
                    .map(run -> run.path("state").asText())
                    .toList();
            if (states.stream().noneMatch(CAN_ROLL_BACK::contains)) {
                throw new RefusedException(
                        409,
                        "not-pending",
                        "nothing can be rolled back now: " + states + " (a change can be taken back from backing-up to soaking,"
                                + " and when escalated; after that post another order)");
            }
            RunId run = target == null ? null : new RunId(id, target);
            say(context, new OperatorRequested(id, run, OperatorRequested.Action.ROLLBACK, reason, by));
            return Json.mapper().createObjectNode().put("id", id.value());
        });
    }

    private static String reason(JsonObject body) {
        String reason = body.getString("reason", "");
        if (reason.isBlank()) {
            throw new RefusedException(400, "missing-reason", "/reason: missing (expected: why, for whoever reads this later)");
        }
        return reason;
    }

    private static WorkOrderId id(RoutingContext context) {
        try {
            return new WorkOrderId(context.pathParam("id"));
        } catch (IllegalArgumentException e) {
            throw notFound(context.pathParam("id"));
        }
    }

    private void say(RoutingContext context, Message message) {
        runtime.transactions().inTransaction(context.request().getHeader("traceparent"), work -> {
            work.publish(message);
            return null;
        });
        publish();
    }

    private static JsonObject body(RoutingContext context) {
        try {
            JsonObject body = context.body().asJsonObject();
            if (body != null) {
                return body;
            }
        } catch (DecodeException | ClassCastException e) {
            // told below
        }
        throw new RefusedException(400, "not-json", "the body is not a JSON object");
    }

    private JsonNode targets() {
        ArrayNode items = Json.mapper().createArrayNode();
        targets.values().forEach(target -> {
            ObjectNode item = items.addObject();
            item.put("name", target.name());
            item.put("environment", target.environment());
            item.put("database", target.database());
            ObjectNode labels = item.putObject("labels");
            target.labels().forEach(labels::put);
        });
        return Json.mapper().createObjectNode().set("items", items);
    }

    private JsonNode memory(RoutingContext context) {
        String words = Optional.ofNullable(parameter(context, "q")).orElse("");
        int limit = number(parameter(context, "limit"), 20, LONGEST_PAGE);
        return Json.mapper()
                .createObjectNode()
                .set("items", runtime.store().inTransaction(connection -> Queries.memory(connection, words, limit)));
    }

    private void answer(RoutingContext context, Callable<JsonNode> work) {
        blocking.call(work).onSuccess(body -> json(context.response(), body)).onFailure(context::fail);
    }

    private void accepted(RoutingContext context, Callable<JsonNode> work) {
        blocking.call(work)
                .onSuccess(body -> json(context.response().setStatusCode(202), body))
                .onFailure(context::fail);
    }

    private static void json(HttpServerResponse response, JsonNode body) {
        response.putHeader("content-type", "application/json").end(body.toString());
    }

    private static void resource(RoutingContext context, String name) {
        context.response().putHeader("content-type", "application/json").end(Resources.text(name));
    }
}
