package dev.fermata.contracts.message;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.WireEnum;

/** The topics, without the prefix. {@code contract.md} section 4 says who writes and who reads each. */
public enum Topic {
    REQUESTS,
    WORK_ORDERS,
    IMPACT,
    DIRECTIVES,
    EXECUTION,
    APPROVALS,
    OUTCOMES,
    /** Records that could not be read, as they came, with the reason in the headers. */
    DEAD_LETTERS;

    /** The prefix of a deployment that says nothing else. */
    public static final String DEFAULT_PREFIX = "fermata.";

    @JsonValue
    public String wire() {
        return WireEnum.name(this);
    }

    /** The full name, such as {@code fermata.work-orders}. */
    public String name(String prefix) {
        return prefix + wire();
    }

    static Topic of(Message message) {
        return switch (message) {
            case RequestMessage m -> REQUESTS;
            case WorkOrderMessage m -> WORK_ORDERS;
            case ImpactMessage m -> IMPACT;
            case DirectiveMessage m -> DIRECTIVES;
            case ExecutionMessage m -> EXECUTION;
            case ApprovalMessage m -> APPROVALS;
            case OutcomeMessage m -> OUTCOMES;
        };
    }
}
