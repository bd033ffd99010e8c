package dev.fermata.contracts.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** One work order on one target, written {@code wo_01J.../shop}. */
public record RunId(WorkOrderId order, String target) implements Comparable<RunId> {
    public RunId {
        if (!target.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new IllegalArgumentException(
                    "target: '" + target + "' (expected: lower case letters, digits and dashes, at most 63)");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static RunId parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("run id: '" + text + "' (expected: <work order id>/<target>)");
        }
        return new RunId(new WorkOrderId(text.substring(0, slash)), text.substring(slash + 1));
    }

    @Override
    public int compareTo(RunId other) {
        return toString().compareTo(other.toString());
    }

    @JsonValue
    @Override
    public String toString() {
        return order.value() + "/" + target;
    }
}
