package dev.fermata.contracts.schema;

import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import dev.fermata.contracts.message.Topic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The AsyncAPI document: topics and messages from the sealed hierarchy, who says what to whom from {@code contract.md}. */
final class AsyncApi {
    private static final String HEAD = """
        # Follows from the records: change them, then run the tests with -Dfermata.schemas=write.
        asyncapi: 3.0.0
        id: urn:fermata:messages
        info:
          title: Fermata
          version: 1.0.0
          description: >-
            What the parts of Fermata, and programs around it, say to each other about schema changes. CloudEvents 1.0 in
            binary mode. Fields are only added; readers ignore what they do not know; a breaking change is a new type.
          license:
            name: Apache-2.0
        defaultContentType: application/json
        servers:
          kafka:
            host: localhost:9092
            protocol: kafka
            description: Whatever broker the deployment names; the prefix of the topics is the deployment's too.
        """;

    private static final String COMPONENT_SCHEMAS = """
          schemas:
            CloudEvent:
              type: object
              description: Attributes of CloudEvents 1.0 in the binary mode of the Kafka binding, as UTF-8 text.
              required: [ce_specversion, ce_id, ce_source, ce_type]
              properties:
                ce_specversion:
                  type: string
                  description: The version, 1.0.
                ce_id:
                  type: string
                  description: Unique within the source; consumers drop what they have seen.
                ce_source:
                  type: string
                  description: Who says it, such as fermata/supervisor.
                ce_type:
                  type: string
                  description: Names the message and its version.
                ce_time:
                  type: string
                  format: date-time
                ce_subject:
                  type: string
                  description: The key; where it is given it must agree with the body.
                ce_partitionkey:
                  type: string
                  description: The key.
                content-type:
                  type: string
                traceparent:
                  type: string
                  description: W3C trace context.
        """;

    private static final String DEAD_LETTER = """
            DeadLetter:
              name: DeadLetter
              title: Dead letter
              summary: A record that could not be handled, with key, value and headers as it came.
              contentType: application/octet-stream
              headers:
                type: object
                required: [fermata-dlq-reason, fermata-dlq-service, fermata-dlq-topic, fermata-dlq-partition, fermata-dlq-offset]
                properties:
                  fermata-dlq-reason:
                    type: string
                    description: Why, for people; never what the record says.
                  fermata-dlq-service:
                    type: string
                    description: Who could not handle it.
                  fermata-dlq-topic:
                    type: string
                  fermata-dlq-partition:
                    type: string
                  fermata-dlq-offset:
                    type: string
              payload:
                type: string
                format: binary
        """;

    private static final Map<Topic, String> TOPICS = Map.of(
            Topic.REQUESTS, "Work orders that pipelines post. Keyed by idempotency key.",
            Topic.WORK_ORDERS, "Orders, their amendments, and what operators ask for. Keyed by order.",
            Topic.IMPACT, "What the analysis found out. Keyed by run.",
            Topic.DIRECTIVES, "What the workers are to do. Keyed by run.",
            Topic.EXECUTION, "What the execution worker did. Keyed by run.",
            Topic.APPROVALS, "Questions of the supervisor and the answers. Keyed by run.",
            Topic.OUTCOMES, "Where each run is and how it ended. Keyed by run, order or idempotency key.",
            Topic.DEAD_LETTERS, "Records that could not be read or handled.");

    private static final List<String> ANSWERS = List.of("ApprovalGranted", "ChangesRequested", "ApprovalRejected");
    private static final List<String> ENDS = List.of("RunEnded", "WorkOrderEnded", "RequestRefused");

    /** In the order of {@code contract.md} section 4. */
    private static final List<Operation> OPERATIONS = List.of(
            send("pipelines", Topic.REQUESTS),
            receive("conductor", Topic.REQUESTS),
            send("conductor", Topic.WORK_ORDERS),
            receive("analysis", Topic.WORK_ORDERS),
            receive("supervisor", Topic.WORK_ORDERS),
            send("analysis", Topic.IMPACT),
            receive("supervisor", Topic.IMPACT),
            receive("conductor", Topic.IMPACT),
            send("supervisor", Topic.DIRECTIVES),
            receive("execution", Topic.DIRECTIVES),
            receive("analysis", Topic.DIRECTIVES),
            send("execution", Topic.EXECUTION),
            receive("supervisor", Topic.EXECUTION),
            receive("conductor", Topic.EXECUTION),
            receive("operators", Topic.EXECUTION),
            new Operation(
                    "supervisor",
                    "send",
                    Topic.APPROVALS,
                    List.of(
                            "ApprovalRequested",
                            "ApprovalGranted",
                            "ChangesRequested",
                            "ApprovalRejected",
                            "ApprovalExpired",
                            "DecisionRefused")),
            new Operation("supervisor", "receive", Topic.APPROVALS, ANSWERS),
            new Operation("approvers", "send", Topic.APPROVALS, ANSWERS),
            receive("approvers", Topic.APPROVALS),
            new Operation("conductor", "send", Topic.APPROVALS, ANSWERS),
            receive("conductor", Topic.APPROVALS),
            new Operation(
                    "supervisor", "send", Topic.OUTCOMES, List.of("RunStateChanged", "RunEnded", "WorkOrderEnded")),
            new Operation("conductor", "send", Topic.OUTCOMES, List.of("RequestRefused")),
            new Operation(
                    "conductor", "receive", Topic.OUTCOMES, List.of("RunStateChanged", "RunEnded", "WorkOrderEnded")),
            new Operation("pipelines", "receive", Topic.OUTCOMES, ENDS),
            receive("operators", Topic.DEAD_LETTERS),
            send("conductor", Topic.DEAD_LETTERS),
            send("analysis", Topic.DEAD_LETTERS),
            send("supervisor", Topic.DEAD_LETTERS),
            send("execution", Topic.DEAD_LETTERS));

    private AsyncApi() {}

    /** @param messages what is said of the topic, empty for all of it */
    private record Operation(String who, String action, Topic topic, List<String> messages) {
        String name() {
            String verb = action.equals("send") ? "Sends" : "Receives";
            String what = Stream.of(topic.wire().split("-"))
                    .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                    .collect(Collectors.joining());
            return who + verb + what;
        }
    }

    static String document() {
        StringBuilder out = new StringBuilder(HEAD);
        Map<Topic, List<Class<?>>> byTopic = byTopic();
        out.append("channels:\n");
        byTopic.forEach((topic, messages) -> channel(out, topic, messages));
        out.append("operations:\n");
        OPERATIONS.forEach(operation -> operation(out, operation));
        out.append("components:\n  messages:\n");
        byTopic.values().forEach(messages -> messages.forEach(message -> message(out, message)));
        return out.append(DEAD_LETTER).append(COMPONENT_SCHEMAS).toString();
    }

    static Map<Topic, List<Class<?>>> byTopic() {
        Map<Topic, List<Class<?>>> byTopic = new LinkedHashMap<>();
        List<Class<?>> topics = List.of(Message.class.getPermittedSubclasses());
        for (Topic topic : Topic.values()) {
            List<Class<?>> messages = new ArrayList<>();
            if (topic.ordinal() < topics.size()) {
                messages.addAll(List.of(topics.get(topic.ordinal()).getPermittedSubclasses()));
            }
            byTopic.put(topic, messages);
        }
        return byTopic;
    }

    private static Operation send(String who, Topic topic) {
        return new Operation(who, "send", topic, List.of());
    }

    private static Operation receive(String who, Topic topic) {
        return new Operation(who, "receive", topic, List.of());
    }

    private static void channel(StringBuilder out, Topic topic, List<Class<?>> messages) {
        out.append("  ").append(topic.wire()).append(":\n");
        out.append("    address: ").append(topic.name(Topic.DEFAULT_PREFIX)).append('\n');
        out.append("    description: ").append(TOPICS.get(topic)).append('\n');
        out.append("    messages:\n");
        List<String> names = messages.isEmpty()
                ? List.of("DeadLetter")
                : messages.stream().map(Class::getSimpleName).toList();
        for (String name : names) {
            out.append("      ")
                    .append(name)
                    .append(":\n        $ref: '#/components/messages/")
                    .append(name)
                    .append("'\n");
        }
    }

    private static void operation(StringBuilder out, Operation operation) {
        out.append("  ").append(operation.name()).append(":\n");
        out.append("    action: ").append(operation.action()).append('\n');
        out.append("    channel:\n      $ref: '#/channels/")
                .append(operation.topic().wire())
                .append("'\n");
        out.append("    tags:\n      - name: ").append(operation.who()).append('\n');
        if (!operation.messages().isEmpty()) {
            out.append("    messages:\n");
            for (String name : operation.messages()) {
                out.append("      - $ref: '#/channels/")
                        .append(operation.topic().wire())
                        .append("/messages/")
                        .append(name)
                        .append("'\n");
            }
        }
    }

    private static void message(StringBuilder out, Class<?> message) {
        String name = message.getSimpleName();
        out.append("    ").append(name).append(":\n");
        out.append("      name: ").append(name).append('\n');
        out.append("      summary: ")
                .append(quoted(RecordDocs.of(message).summary()))
                .append('\n');
        out.append("      contentType: application/json\n");
        out.append("      headers:\n        allOf:\n          - $ref: '#/components/schemas/CloudEvent'\n");
        out.append("          - type: object\n            properties:\n              ce_type:\n                const: ")
                .append(MessageType.of(message.asSubclass(Message.class)))
                .append('\n');
        out.append("      payload:\n        $ref: schemas/").append(name).append(".schema.json\n");
        out.append("      bindings:\n        kafka:\n          key:\n            type: string\n");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
