package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.Intake;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.conductor.readmodel.EventLog;
import dev.fermata.conductor.readmodel.Memory;
import dev.fermata.conductor.readmodel.Orders;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.WorkOrderMessage.OperatorRequested.Action;
import dev.fermata.contracts.order.Authorship;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.runtime.http.Blocking;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The REST interface. Runs on the event loop; everything that blocks is handed to {@link Blocking}. */
public final class Routes {
    private static final int MEMORY_PAGE = 20;
    private static final int LONGEST_MEMORY_PAGE = 200;

    private final ServiceRuntime runtime;
    private final Map<String, TargetConfig> targets;
    private final Caller caller;
    private final Blocking blocking;
    private final EventFeed feed;
    private final OrderReads reads;
    private final OrderCommands commands;
    private final String workflow;
    private final String openApi;

    /**
     * @param userHeader in which a proxy names the caller, empty for none
     * @param connections that the control store has, and so how many requests are worked on at once
     */
    public Routes(
            ServiceRuntime runtime,
            Intake intake,
            Map<String, TargetConfig> targets,
            String userHeader,
            int connections) {
        this.runtime = runtime;
        this.targets = new TreeMap<>(targets);
        this.caller = new Caller(userHeader);
        this.blocking = new Blocking(runtime.vertx(), connections);
        this.feed = new EventFeed(runtime.vertx(), blocking, runtime.store());
        this.reads = new OrderReads(runtime.store());
        Decisions decisions = new Decisions(this.targets, runtime.clock());
        this.commands = new OrderCommands(runtime, intake, decisions, reads);
        this.workflow = Resources.text("workflow-schema-migration.json");
        this.openApi = Resources.text("openapi.json");
    }

    public void mount(Router router) {
        router.route()
                .failureHandler(context -> ProblemJson.answer(
                        context,
                        context.failure() == null ? new HttpException(context.statusCode()) : context.failure()));
        router.route().handler(context -> {
            String now = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    runtime.clock().instant().atOffset(ZoneOffset.UTC));
            context.response().putHeader("date", now);
            context.next();
        });
        for (int status : new int[] {400, 404}) { // no route is reached, or its path cannot be read
            router.errorHandler(status, context -> ProblemJson.answer(context, new HttpException(status)));
        }
        for (Operation operation : Operation.values()) {
            router.route(operation.method(), operation.routerPath()).handler(context -> handle(operation, context));
        }
        Arrays.stream(Operation.values()).map(Operation::routerPath).distinct().forEach(path -> router.route(path)
                .handler(context -> {
                    context.response().putHeader("allow", methods(path));
                    ProblemJson.answer(context, new HttpException(405));
                }));
    }

    private static String methods(String path) {
        return Arrays.stream(Operation.values())
                .filter(operation -> operation.routerPath().equals(path))
                .map(operation -> operation.method().name())
                .collect(Collectors.joining(", "));
    }

    private void handle(Operation operation, RoutingContext context) {
        String named = context.pathParam("id");
        String id = named == null ? "" : orderId(named).value();
        switch (operation) {
            case POST_WORK_ORDER -> RequestBody.read(context, body -> post(context, body));
            case LIST_WORK_ORDERS -> answer(context, () -> reads.list(context));
            case GET_WORK_ORDER -> answer(context, () -> reads.one(id));
            case GET_RUNS -> answer(context, () -> reads.runs(id));
            case GET_IMPACT -> answer(context, () -> reads.impact(id));
            case GET_PLAN -> plan(context, id);
            case GET_AUDIT -> answer(context, () -> reads.audit(context, id));
            case FOLLOW_WORK_ORDER -> follow(context, id);
            case FOLLOW_ALL -> follow(context, null);
            case DECIDE -> RequestBody.read(context, body -> decide(context, id, body));
            case AMEND -> RequestBody.read(context, body -> amend(context, id, body));
            case CANCEL -> RequestBody.read(context, body -> cancel(context, id, body));
            case ROLL_BACK -> RequestBody.read(context, body -> rollBack(context, id, body));
            case PAUSE -> RequestBody.read(context, body -> pause(context, id, body));
            case RESUME -> RequestBody.read(context, body -> resume(context, id, body));
            case CONTRACT -> RequestBody.read(context, body -> contract(context, id, body));
            case LIST_TARGETS -> answer(context, this::targets);
            case SEARCH_MEMORY -> memory(context);
            case GET_WORKFLOW -> document(context, workflow);
            case GET_OPENAPI -> document(context, openApi);
        }
    }

    private void post(RoutingContext context, byte[] body) {
        String document = document(body);
        Authorship authorship = caller.authorship(context);
        if (Parameters.flag(context, "dry-run")) {
            answer(context, () -> commands.check(document, authorship));
            return;
        }
        String principal = caller.principal(context);
        String key = context.request().getHeader("Idempotency-Key");
        String trace = trace(context);
        answer(context, () -> commands.post(document, principal, key, authorship, trace));
    }

    private static String document(byte[] body) {
        if (body.length == 0) {
            throw new RefusedException(
                    400, "empty-body", "the body is empty (expected: a work order as Markdown, YAML or JSON)");
        }
        return Intake.decode(body);
    }

    private static @Nullable String trace(RoutingContext context) {
        return context.request().getHeader("traceparent");
    }

    private void plan(RoutingContext context, String id) {
        String target = Parameters.text(context, "target");
        String ifNoneMatch = context.request().getHeader("If-None-Match");
        answer(context, () -> reads.plan(id, target, ifNoneMatch));
    }

    private void decide(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "decision", "digest", "comment", "target"));
        OrderCommands.Origin origin = origin(context, command);
        Decisions.Asked asked = Decisions.read(command, context.request().getHeader("If-Match"));
        answer(context, () -> commands.decide(orderId(id), asked, origin));
    }

    private void amend(RoutingContext context, String id, byte[] body) {
        String document = document(body);
        Actor by = caller.actor(context, Optional.ofNullable(Parameters.text(context, "by")));
        Authorship authorship = caller.authorship(context, by);
        OrderCommands.Origin origin = new OrderCommands.Origin(by, trace(context));
        answer(context, () -> commands.amend(orderId(id), document, authorship, origin));
    }

    private void cancel(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "reason"));
        OrderCommands.Origin origin = origin(context, command);
        String reason = reason(command);
        answer(context, () -> commands.cancel(orderId(id), reason, origin));
    }

    private void rollBack(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "reason", "target"));
        OrderCommands.Origin origin = origin(context, command);
        String reason = reason(command);
        String target = command.text("target").orElse(null);
        answer(context, () -> commands.rollBack(orderId(id), target, reason, origin));
    }

    private void contract(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "reason", "target"));
        OrderCommands.Origin origin = origin(context, command);
        String reason = reason(command);
        String target = command.text("target").orElse(null);
        answer(context, () -> commands.contract(orderId(id), target, reason, origin));
    }

    private void pause(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "reason", "target"));
        OrderCommands.Origin origin = origin(context, command);
        OrderCommands.PaceAsked asked =
                new OrderCommands.PaceAsked(Action.PAUSE, command.text("target").orElse(null), null, reason(command));
        answer(context, () -> commands.pace(orderId(id), asked, origin));
    }

    private void resume(RoutingContext context, String id, byte[] body) {
        Command command = Command.parse(body, Set.of("by", "reason", "target", "percent"));
        OrderCommands.Origin origin = origin(context, command);
        OrderCommands.PaceAsked asked = new OrderCommands.PaceAsked(
                Action.RESUME,
                command.text("target").orElse(null),
                command.percent("percent").orElse(null),
                reason(command));
        answer(context, () -> commands.pace(orderId(id), asked, origin));
    }

    private OrderCommands.Origin origin(RoutingContext context, Command command) {
        return new OrderCommands.Origin(caller.actor(context, command.text("by")), trace(context));
    }

    private static String reason(Command command) {
        return command.required("reason", "why, for whoever reads this later");
    }

    private static WorkOrderId orderId(String id) {
        try {
            return new WorkOrderId(id);
        } catch (IllegalArgumentException e) {
            throw Intake.notFound(id);
        }
    }

    /** Begins after the event that the client names: as Last-Event-ID, as {@code after=N}, or {@code after=end} for now. */
    private void follow(RoutingContext context, @Nullable String order) {
        String point = Optional.ofNullable(context.request().getHeader("Last-Event-ID"))
                .or(() -> Optional.ofNullable(Parameters.text(context, "after")))
                .orElse("0")
                .strip();
        boolean fromNow = point.equals("end");
        long after = fromNow ? 0 : Parameters.event("Last-Event-ID", point);
        if (feed.isFull()) {
            context.response().putHeader("retry-after", "10");
            throw new RefusedException(503, "too-many-listeners", "too many clients follow events already; try again");
        }
        blocking.call(() -> runtime.store().inTransaction(connection -> {
                    if (order != null && !Orders.exists(connection, order)) {
                        throw Intake.notFound(order);
                    }
                    return fromNow ? EventLog.last(connection) : after;
                }))
                .onSuccess(from -> feed.stream(context.response(), order, from))
                .onFailure(context::fail);
    }

    /** Names, environments and labels, and which run works there; never an address or a credential. */
    private Answer targets() {
        Map<String, String> busy = runtime.store().inTransaction(Orders::busyTargets);
        List<ObjectNode> items = new ArrayList<>();
        targets.values().forEach(target -> {
            ObjectNode item = Json.mapper().createObjectNode();
            item.put("name", target.name());
            item.put("environment", target.environment());
            item.put("database", target.database());
            ObjectNode labels = item.putObject("labels");
            new TreeMap<>(target.labels()).forEach(labels::put);
            String run = busy.get(target.name());
            if (run != null) {
                item.put("busyWith", run);
            }
            items.add(item);
        });
        return Answer.items(items);
    }

    private void memory(RoutingContext context) {
        String words = Optional.ofNullable(Parameters.text(context, "q")).orElse("");
        int limit = Parameters.number(context, "limit", MEMORY_PAGE, LONGEST_MEMORY_PAGE);
        answer(context, () -> {
            ObjectNode body = Json.mapper().createObjectNode();
            body.set("items", runtime.store().inTransaction(connection -> Memory.search(connection, words, limit)));
            return Answer.ok(body);
        });
    }

    private void answer(RoutingContext context, Callable<Answer> work) {
        blocking.call(work).onSuccess(answer -> answer.send(context.response())).onFailure(context::fail);
    }

    private static void document(RoutingContext context, String json) {
        context.response().putHeader("content-type", "application/json").end(json);
    }
}
