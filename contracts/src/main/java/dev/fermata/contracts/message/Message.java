package dev.fermata.contracts.message;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * Anything that travels on a topic. Each sub-interface is one topic; its records are the closed set of what may be said
 * there, so a {@code switch} over them needs no default.
 */
public sealed interface Message
        permits RequestMessage,
                WorkOrderMessage,
                ImpactMessage,
                DirectiveMessage,
                ExecutionMessage,
                ApprovalMessage,
                OutcomeMessage {

    /** The Kafka key and the CloudEvents subject: the run id, or the order id where the message is about all runs. */
    @JsonIgnore
    String key();

    /** The CloudEvents type, {@code dev.fermata.<Name>.v1}. */
    @JsonIgnore
    default String type() {
        return MessageType.of(getClass());
    }

    /** The topic it belongs on. */
    @JsonIgnore
    default Topic topic() {
        return Topic.of(this);
    }
}
