package dev.fermata.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** {@code wo_} and a ULID. */
public record WorkOrderId(@JsonValue String value) implements Comparable<WorkOrderId> {
    private static final String PREFIX = "wo_";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public WorkOrderId {
        if (!value.startsWith(PREFIX) || !Ulid.isUlid(value.substring(PREFIX.length()))) {
            throw new IllegalArgumentException("work order id: '" + value
                    + "' (expected: wo_ and 26 characters, such as wo_01JD8Z3Q5V8X9Y7W6T5R4S3Q2P)");
        }
    }

    public static WorkOrderId next(Ulid ulids) {
        return new WorkOrderId(PREFIX + ulids.next());
    }

    @Override
    public int compareTo(WorkOrderId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
