package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ExecutionMessage.Heartbeat;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.MessageType;
import dev.fermata.contracts.message.OutcomeMessage.RequestRefused;
import dev.fermata.contracts.message.RequestMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The shapes of messages and their parts, as {@code contracts} has them. The document holds those that it refers to; nobody
 * writes them there by hand.
 */
final class MessageShapes {
    static final String PREFIX = "#/components/schemas/";

    private static final Path SCHEMAS = Path.of("../contracts/src/main/resources/schemas");
    private static final String WORK_ORDER_FILE = "WorkOrderFile";

    private final Map<String, JsonNode> known = new TreeMap<>();

    private MessageShapes() {}

    static MessageShapes load() {
        MessageShapes shapes = new MessageShapes();
        for (Class<? extends Message> message : MessageType.all().values()) {
            shapes.add(message.getSimpleName(), "", read(message.getSimpleName()));
        }
        shapes.add(WORK_ORDER_FILE, WORK_ORDER_FILE + ".", read("work-order"));
        return shapes;
    }

    /** Messages that REST tells as events. */
    static List<Class<? extends Message>> events() {
        return MessageType.all().values().stream()
                .filter(type -> !RequestMessage.class.isAssignableFrom(type))
                .filter(type -> type != Heartbeat.class && type != RequestRefused.class)
                .toList();
    }

    private static ObjectNode read(String name) {
        try {
            String json = Files.readString(SCHEMAS.resolve(name + ".schema.json"));
            return (ObjectNode) Json.mapper().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param prefix of the names of its definitions */
    private void add(String name, String prefix, ObjectNode schema) {
        for (JsonNode referring : schema.findParents("$ref")) {
            String definition = referring.path("$ref").asText().replace("#/$defs/", "");
            ((ObjectNode) referring).put("$ref", PREFIX + prefix + definition);
        }
        schema.path("$defs").properties().forEach(field -> put(prefix + field.getKey(), field.getValue()));
        put(name, schema.remove(List.of("$schema", "$id", "title", "$defs")));
    }

    private void put(String name, JsonNode schema) {
        JsonNode before = known.put(name, schema);
        if (before != null && !before.equals(schema)) {
            throw new IllegalStateException("two shapes of the name " + name + "; rename one of the records");
        }
    }

    /** The document with these shapes as they are now. */
    ObjectNode into(ObjectNode document) {
        ObjectNode whole = document.deepCopy();
        ObjectNode schemas = (ObjectNode) whole.at("/components/schemas");
        schemas.remove(known.keySet());
        ArrayNode kinds = ((ObjectNode) schemas.path("Event")).putArray("oneOf");
        events().forEach(type -> kinds.add(kind(type.getSimpleName())));

        Map<String, JsonNode> needed = new TreeMap<>();
        Deque<String> open = new ArrayDeque<>(references(whole));
        while (!open.isEmpty()) {
            String name = open.pop();
            JsonNode schema = known.get(name);
            if (schema != null && needed.put(name, schema) == null) {
                open.addAll(references(schema));
            }
        }
        needed.forEach(schemas::set);
        return whole;
    }

    private static ObjectNode kind(String message) {
        ObjectNode kind = Json.mapper().createObjectNode();
        ObjectNode properties = kind.putObject("properties");
        properties.putObject("type").put("const", message);
        properties.putObject("data").put("$ref", PREFIX + message);
        return kind;
    }

    private static Collection<String> references(JsonNode node) {
        return node.findValues("$ref").stream()
                .filter(TextNode.class::isInstance)
                .map(JsonNode::asText)
                .filter(reference -> reference.startsWith(PREFIX))
                .map(reference -> reference.substring(PREFIX.length()))
                .toList();
    }
}
