package dev.fermata.contracts.message;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.order.WorkOrder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the conductor says on {@code work-orders}: orders, their amendments, and what operators ask for. */
public sealed interface WorkOrderMessage extends Message {

    WorkOrderId workOrderId();

    @Override
    default String key() {
        return workOrderId().value();
    }

    /** A new order, revision 1, with one run for each target. */
    record WorkOrderIssued(WorkOrderId workOrderId, int revision, WorkOrder order, List<RunId> runs, Instant issuedAt)
            implements WorkOrderMessage {
        public WorkOrderIssued {
            Fields.required(workOrderId, "workOrderId");
            Fields.required(order, "order");
            runs = Fields.copy(runs);
            Fields.required(issuedAt, "issuedAt");
        }
    }

    /** The next revision of an order; every run begins again with the analysis. */
    record WorkOrderAmended(
            WorkOrderId workOrderId, int revision, WorkOrder order, List<RunId> runs, Actor by, Instant amendedAt)
            implements WorkOrderMessage {
        public WorkOrderAmended {
            Fields.required(workOrderId, "workOrderId");
            Fields.required(order, "order");
            runs = Fields.copy(runs);
            Fields.required(by, "by");
            Fields.required(amendedAt, "amendedAt");
        }
    }

    /** Somebody no longer wants the order. What has begun on production is taken back. */
    record WorkOrderCancelled(WorkOrderId workOrderId, String reason, Actor by) implements WorkOrderMessage {
        public WorkOrderCancelled {
            Fields.required(workOrderId, "workOrderId");
            Fields.text(reason, "reason");
            Fields.required(by, "by");
        }
    }

    /**
     * An operator asks for something, of one run or of all.
     *
     * @param percent of full speed to go on at, 1 to 100; only for {@link Action#RESUME}, null: full speed
     */
    record OperatorRequested(
            WorkOrderId workOrderId,
            @Nullable RunId runId,
            Action action,
            String reason,
            Actor by,
            @Nullable Integer percent)
            implements WorkOrderMessage {
        public OperatorRequested {
            Fields.required(workOrderId, "workOrderId");
            Fields.required(action, "action");
            Fields.text(reason, "reason");
            Fields.required(by, "by");
            if (percent != null && (percent < 1 || percent > 100)) {
                throw new IllegalArgumentException("percent: " + percent + " (expected: 1 to 100)");
            }
        }

        /** What may be asked for. */
        public enum Action {
            PAUSE,
            RESUME,
            ROLLBACK,
            CONTRACT;

            @JsonValue
            public String wire() {
                return WireEnum.name(this);
            }
        }
    }
}
