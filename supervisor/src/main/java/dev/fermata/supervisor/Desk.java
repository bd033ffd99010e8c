package dev.fermata.supervisor;

import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage;
import dev.fermata.contracts.message.OutcomeMessage.WorkOrderEnded;
import dev.fermata.contracts.message.RequestMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.bus.TimerHandler;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.runtime.telemetry.LogKeys;
import dev.fermata.supervisor.run.Decision;
import dev.fermata.supervisor.run.Effect;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunDecider;
import dev.fermata.supervisor.run.RunEvent;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads a run, has it decided, stores it and performs the effects, all in the transaction of the unit of work. */
final class Desk implements MessageHandler, TimerHandler {
    private static final Logger LOGGER = LoggerFactory.getLogger(Desk.class);

    private final RunDecider decider;
    private final Map<String, TargetConfig> targets;

    Desk(RunDecider decider, Map<String, TargetConfig> targets) {
        this.decider = decider;
        this.targets = targets;
    }

    @Override
    public void handle(Envelope envelope, UnitOfWork work) throws SQLException {
        switch (envelope.message()) {
            case WorkOrderMessage message -> order(message, work);
            case ImpactMessage message -> about(message.runId(), message, work);
            case ExecutionMessage message -> about(message.runId(), message, work);
            case ApprovalMessage message -> about(message.runId(), message, work);
            case RequestMessage message -> throw notOurs(message);
            case DirectiveMessage message -> throw notOurs(message);
            case OutcomeMessage message -> throw notOurs(message);
        }
    }

    private static IllegalStateException notOurs(Message message) {
        return new IllegalStateException(
                "the supervisor does not listen to " + message.topic().wire());
    }

    private void order(WorkOrderMessage message, UnitOfWork work) throws SQLException {
        requireOwnRuns(message);
        switch (message) {
            case WorkOrderMessage.WorkOrderIssued issued -> {
                RunStore.saveOrder(work.connection(), issued.workOrderId(), issued.revision(), issued.runs());
                for (RunId id : issued.runs()) {
                    begin(id, issued, work);
                }
            }
            case WorkOrderMessage.WorkOrderAmended amended -> {
                toAll(amended, work); // runs before the order, as when they end: two deciders never wait for each other
                RunStore.saveOrder(work.connection(), amended.workOrderId(), amended.revision(), amended.runs());
            }
            case WorkOrderMessage.WorkOrderCancelled cancelled -> toAll(cancelled, work);
            case WorkOrderMessage.OperatorRequested asked -> {
                RunId one = asked.runId();
                if (one != null) {
                    decide(one, new RunEvent.Order(asked), work);
                } else {
                    toAll(asked, work);
                }
            }
        }
    }

    /** Nobody can reach the runs of one order with a message about another. */
    private static void requireOwnRuns(WorkOrderMessage message) {
        List<RunId> runs =
                switch (message) {
                    case WorkOrderMessage.WorkOrderIssued issued -> issued.runs();
                    case WorkOrderMessage.WorkOrderAmended amended -> amended.runs();
                    case WorkOrderMessage.WorkOrderCancelled cancelled -> List.of();
                    case WorkOrderMessage.OperatorRequested asked ->
                        asked.runId() == null ? List.of() : List.of(asked.runId());
                };
        for (RunId run : runs) {
            if (!run.order().equals(message.workOrderId())) {
                throw new IllegalArgumentException(
                        "run '" + run + "' in a message about order '" + message.workOrderId() + "'");
            }
        }
    }

    private void begin(RunId id, WorkOrderMessage.WorkOrderIssued issued, UnitOfWork work) throws SQLException {
        if (RunStore.lock(work.connection(), id).isPresent()) {
            return;
        }
        TargetConfig target = targets.get(id.target());
        String environment = target == null ? "production" : target.environment(); // the strictest, where unknown
        WorkOrder order = issued.order();
        boolean probes =
                !order.probes().isEmpty() || (target != null && !target.probes().isEmpty());
        perform(decider.begin(id, issued.revision(), order, environment, probes, work.now()), work);
        for (Message early : RunStore.takeEarly(work.connection(), id)) {
            about(id, early, work);
        }
    }

    private void toAll(WorkOrderMessage message, UnitOfWork work) throws SQLException {
        for (RunId id : RunStore.runsOf(work.connection(), message.workOrderId())) {
            decide(id, new RunEvent.Order(message), work);
        }
    }

    private void about(RunId id, Message message, UnitOfWork work) throws SQLException {
        RunEvent event =
                switch (message) {
                    case ImpactMessage m -> new RunEvent.Impact(m);
                    case ExecutionMessage m -> new RunEvent.Execution(m);
                    case ApprovalMessage m -> new RunEvent.Approval(m);
                    default -> throw notOurs(message);
                };
        if (!decide(id, event, work)) {
            RunStore.keepEarly(work.connection(), id, message);
        }
    }

    /** Returns false when the run is not known. */
    boolean decide(RunId id, RunEvent event, UnitOfWork work) throws SQLException {
        Optional<Run> run = RunStore.lock(work.connection(), id);
        if (run.isEmpty()) {
            return false;
        }
        Decision decision = decider.decide(run.get(), event, work.now());
        String ignored = decision.ignored();
        if (ignored != null) {
            LOGGER.atDebug()
                    .addKeyValue(LogKeys.RUN, id)
                    .addKeyValue("event", event.getClass().getSimpleName())
                    .log(ignored);
        } else {
            if (run.get().state().isEnd() && !decision.next().state().isEnd()) {
                RunStore.reopenOrder(work.connection(), id.order());
            }
            perform(decision, work);
        }
        return true;
    }

    private static void perform(Decision decision, UnitOfWork work) throws SQLException {
        Run run = decision.next();
        RunStore.save(work.connection(), run);
        for (Effect effect : decision.effects()) {
            switch (effect) {
                case Effect.Say say -> say(run, say.message(), work);
                case Effect.Remind remind ->
                    work.startTimer(run.id().toString(), remind.timer().name(), remind.due(), "");
                case Effect.Forget forget ->
                    work.cancelTimer(run.id().toString(), forget.timer().name());
            }
        }
        if (run.state().isEnd()) {
            endOrder(run.id().order(), work);
        }
    }

    private static void say(Run run, Message message, UnitOfWork work) {
        if (message instanceof OutcomeMessage.RunStateChanged changed) {
            LOGGER.atInfo()
                    .addKeyValue(LogKeys.RUN, run.id())
                    .addKeyValue(LogKeys.STATE, changed.state().wire())
                    .addKeyValue(LogKeys.EPOCH, run.epoch())
                    .log(changed.reason());
        }
        work.publish(message);
    }

    private static void endOrder(WorkOrderId id, UnitOfWork work) throws SQLException {
        Map<String, RunResult> results = RunStore.endOrder(work.connection(), id);
        if (!results.isEmpty()) {
            work.publish(new WorkOrderEnded(id, worst(List.copyOf(results.values())), results, work.now()));
        }
    }

    /** The order of the constants of {@link RunResult} is from good to bad. */
    private static RunResult worst(List<RunResult> results) {
        return results.stream().reduce((a, b) -> a.compareTo(b) >= 0 ? a : b).orElseThrow();
    }

    @Override
    public void lock(String key, UnitOfWork work) throws SQLException {
        RunStore.lock(work.connection(), RunId.parse(key));
    }

    @Override
    public void fire(String key, String kind, String payload, UnitOfWork work) throws SQLException {
        decide(RunId.parse(key), new RunEvent.TimerFired(RunEvent.Timer.valueOf(kind)), work);
    }
}
