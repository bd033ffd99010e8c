package dev.fermata.contracts.message;

import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.outcome.Outcome;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the supervisor reports on {@code outcomes}: where each run is, and how it ended. */
public sealed interface OutcomeMessage extends Message {

    /**
     * A run is somewhere else in its life.
     *
     * @param sequence counts up within a run, from 1, so that readers can tell old from new
     * @param reason why, for people
     * @param waitingFor who or what must act next, null when the run has ended
     */
    record RunStateChanged(
            RunId runId,
            int revision,
            long sequence,
            RunState state,
            String reason,
            @Nullable String waitingFor,
            @Nullable String digest,
            Instant at)
            implements OutcomeMessage {
        public RunStateChanged {
            Fields.required(runId, "runId");
            Fields.required(state, "state");
            Fields.text(reason, "reason");
            Fields.required(at, "at");
        }

        @Override
        public String key() {
            return runId.toString();
        }
    }

    /** The last word about a run, or {@code escalated}: the last word of the machines. */
    record RunEnded(RunId runId, int revision, Outcome outcome) implements OutcomeMessage {
        public RunEnded {
            Fields.required(runId, "runId");
            Fields.required(outcome, "outcome");
        }

        @Override
        public String key() {
            return runId.toString();
        }
    }

    /** Every run of the order has ended. */
    record WorkOrderEnded(WorkOrderId workOrderId, RunResult result, Map<String, RunResult> runs, Instant at)
            implements OutcomeMessage {
        public WorkOrderEnded {
            Fields.required(workOrderId, "workOrderId");
            Fields.required(result, "result");
            runs = Fields.copy(runs);
            Fields.required(at, "at");
        }

        @Override
        public String key() {
            return workOrderId.value();
        }
    }

    /**
     * A {@code WorkOrderRequested} that did not become an order.
     *
     * @param idempotencyKey of the request
     * @param code stable, such as {@code unknown-target}
     */
    record RequestRefused(String idempotencyKey, String code, String message, Instant at) implements OutcomeMessage {
        public RequestRefused {
            Fields.text(idempotencyKey, "idempotencyKey");
            Fields.text(code, "code");
            Fields.text(message, "message");
            Fields.required(at, "at");
        }

        @Override
        public String key() {
            return idempotencyKey;
        }
    }
}
