package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.Intake;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.conductor.readmodel.Orders;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.WorkOrderMessage.OperatorRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderCancelled;
import dev.fermata.contracts.order.Authorship;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.ServiceRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What callers ask for. Every method blocks; when it returns, what was asked is stored and will be published, whatever happens
 * next. What is plainly wrong is refused at once, from the read model; the supervisor, who decides, checks again.
 */
final class OrderCommands {
    private static final Set<RunState> CAN_ROLL_BACK = Set.of(
            RunState.BACKING_UP,
            RunState.MIGRATING,
            RunState.VERIFYING,
            RunState.SOAKING,
            RunState.AWAITING_CONTRACT,
            RunState.CONTRACTING,
            RunState.ESCALATED,
            RunState.SUCCEEDED);

    private static final Set<RunState> GO_FORWARD =
            Set.of(RunState.BACKING_UP, RunState.MIGRATING, RunState.CONTRACTING);

    private final ServiceRuntime runtime;
    private final Intake intake;
    private final Decisions decisions;
    private final OrderReads reads;

    OrderCommands(ServiceRuntime runtime, Intake intake, Decisions decisions, OrderReads reads) {
        this.runtime = runtime;
        this.intake = intake;
        this.decisions = decisions;
        this.reads = reads;
    }

    /** Who asks, and the trace the question belongs to. */
    record Origin(Actor by, @Nullable String traceparent) {}

    Answer post(
            String document, String principal, @Nullable String key, Authorship authorship, @Nullable String trace) {
        WorkOrderId id = runtime.transactions()
                .inTransaction(trace, work -> intake.accept(document, principal, key, authorship, work));
        runtime.relay().nudge();
        return Answer.accepted(body(id)).with("location", "/v1/work-orders/" + id);
    }

    /** What would be accepted. */
    Answer check(String document, Authorship authorship) {
        ObjectNode body = Json.mapper().createObjectNode();
        body.set("order", Json.mapper().valueToTree(intake.read(document, authorship)));
        return Answer.ok(body);
    }

    Answer amend(WorkOrderId id, String document, Authorship authorship, Origin origin) {
        int revision = runtime.transactions()
                .inTransaction(origin.traceparent(), work -> intake.amend(id, document, authorship, origin.by(), work));
        runtime.relay().nudge();
        return Answer.accepted(body(id).put("revision", revision));
    }

    Answer decide(WorkOrderId id, Decisions.Asked asked, Origin origin) {
        List<ObjectNode> runs = reads.details(id.value());
        Set<String> authors = runtime.store().inTransaction(connection -> Orders.authors(connection, id.value()));
        ObjectNode run = decisions.runFor(runs, asked);
        say(decisions.decide(run, asked, origin.by(), authors), origin);
        return Answer.accepted(body(id).put("target", run.path("target").asText())
                .put("decision", asked.decision().wire()));
    }

    Answer cancel(WorkOrderId id, String reason, Origin origin) {
        List<RunState> states =
                reads.details(id.value()).stream().map(OrderCommands::state).toList();
        if (states.stream().allMatch(state -> state.isEnd() || state == RunState.ROLLING_BACK)) {
            throw new RefusedException(
                    409,
                    "not-pending",
                    states.contains(RunState.ROLLING_BACK)
                            ? "the order is being taken back already"
                            : "every run of this order has ended; there is nothing to cancel");
        }
        say(new WorkOrderCancelled(id, reason, origin.by()), origin);
        return Answer.accepted(body(id));
    }

    Answer rollBack(WorkOrderId id, @Nullable String target, String reason, Origin origin) {
        List<ObjectNode> runs = reads.details(id.value());
        List<ObjectNode> meant = target == null ? runs : List.of(OrderReads.one(runs, target));
        List<RunState> states = meant.stream().map(OrderCommands::state).toList();
        if (states.stream().noneMatch(CAN_ROLL_BACK::contains)) {
            throw new RefusedException(
                    409,
                    "not-pending",
                    "nothing can be rolled back now: "
                            + states.stream().map(RunState::wire).toList()
                            + " (a change can be taken back from backing-up to contracting, when escalated, and when it"
                            + " has succeeded; before that cancel the order)");
        }
        RunId run = target == null ? null : new RunId(id, target);
        say(new OperatorRequested(id, run, OperatorRequested.Action.ROLLBACK, reason, origin.by(), null), origin);
        return Answer.accepted(body(id));
    }

    /** Pauses what goes forward, or lets it go on. */
    Answer pace(WorkOrderId id, PaceAsked asked, Origin origin) {
        List<ObjectNode> runs = reads.details(id.value());
        String target = asked.target();
        List<ObjectNode> meant = target == null ? runs : List.of(OrderReads.one(runs, target));
        List<RunState> states = meant.stream().map(OrderCommands::state).toList();
        if (states.stream().noneMatch(GO_FORWARD::contains)) {
            throw new RefusedException(
                    409,
                    "not-pending",
                    "nothing goes forward that could " + asked.action().wire() + " now: "
                            + states.stream().map(RunState::wire).toList()
                            + " (expected: backing-up, migrating or contracting)");
        }
        RunId run = target == null ? null : new RunId(id, target);
        say(new OperatorRequested(id, run, asked.action(), asked.reason(), origin.by(), asked.percent()), origin);
        return Answer.accepted(body(id));
    }

    /**
     * What is asked of the pace.
     *
     * @param target of the run that is meant, null: all
     * @param percent of full speed to go on at, null: full speed
     */
    record PaceAsked(
            OperatorRequested.Action action,
            @Nullable String target,
            @Nullable Integer percent,
            String reason) {}

    /** Nobody uses the old names any more. */
    Answer contract(WorkOrderId id, @Nullable String target, String reason, Origin origin) {
        List<ObjectNode> runs = reads.details(id.value());
        List<ObjectNode> meant = target == null ? runs : List.of(OrderReads.one(runs, target));
        List<RunState> states = meant.stream().map(OrderCommands::state).toList();
        if (!states.contains(RunState.AWAITING_CONTRACT)) {
            throw new RefusedException(
                    409,
                    "not-pending",
                    "nothing waits to be contracted now: "
                            + states.stream().map(RunState::wire).toList() + " (expected: awaiting-contract)");
        }
        RunId run = target == null ? null : new RunId(id, target);
        say(new OperatorRequested(id, run, OperatorRequested.Action.CONTRACT, reason, origin.by(), null), origin);
        return Answer.accepted(body(id));
    }

    private static RunState state(ObjectNode run) {
        String wire = run.path("state").asText();
        return Arrays.stream(RunState.values())
                .filter(state -> state.wire().equals(wire))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("stored state '" + wire + "' of run " + run.path("id")));
    }

    private static ObjectNode body(WorkOrderId id) {
        return Json.mapper().createObjectNode().put("id", id.value());
    }

    private void say(Message message, Origin origin) {
        runtime.transactions().inTransaction(origin.traceparent(), work -> {
            work.publish(message);
            return message;
        });
        runtime.relay().nudge();
    }
}
