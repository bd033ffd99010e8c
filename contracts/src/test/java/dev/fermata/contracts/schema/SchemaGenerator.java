package dev.fermata.contracts.schema;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.Examples;
import dev.fermata.contracts.WireEnum;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The JSON Schema of a message, from its record: what writers write. Every component is required that is not
 * {@code @Nullable}; other fields may be there, for readers ignore what they do not know.
 */
final class SchemaGenerator {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** ISO 8601 as Java writes it: up to hours, seconds with a fraction (which the format "duration" does not allow). */
    private static final String DURATION = "^PT(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,9})?S)?$";

    private final Map<String, ObjectNode> definitions = new TreeMap<>();

    private SchemaGenerator() {}

    static ObjectNode schema(Class<?> message) {
        SchemaGenerator generator = new SchemaGenerator();
        ObjectNode schema = NODES.objectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("$id", "urn:fermata:message:" + message.getSimpleName() + ":v1");
        schema.put("title", message.getSimpleName());
        schema.setAll(generator.object(message));
        if (!generator.definitions.isEmpty()) {
            ObjectNode definitions = schema.putObject("$defs");
            generator.definitions.forEach(definitions::set);
        }
        return schema;
    }

    private ObjectNode object(Class<?> type) {
        RecordDocs docs = RecordDocs.of(type);
        ObjectNode object = described(docs.summary()).put("type", "object");
        ObjectNode properties = object.putObject("properties");
        ArrayNode required = NODES.arrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = jsonName(type, component);
            ObjectNode property = described(docs.components().getOrDefault(component.getName(), ""));
            property.setAll(value(component.getGenericType()));
            properties.set(name, property);
            if (!Examples.isOptional(component)) {
                required.add(name);
            }
        }
        if (!required.isEmpty()) {
            object.set("required", required);
        }
        return object;
    }

    private ObjectNode value(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? typed("array").set("items", value(arguments[0]))
                    : typed("object").set("additionalProperties", value(arguments[1]));
        }
        return value((Class<?>) type);
    }

    private ObjectNode value(Class<?> type) {
        if (type == String.class) {
            return typed("string");
        } else if (type == int.class || type == Integer.class) {
            return typed("integer").put("format", "int32");
        } else if (type == long.class || type == Long.class) {
            return typed("integer").put("format", "int64");
        } else if (type == double.class || type == Double.class) {
            return typed("number").put("format", "double");
        } else if (type == boolean.class || type == Boolean.class) {
            return typed("boolean");
        } else if (type == Instant.class) {
            return typed("string").put("format", "date-time");
        } else if (type == Duration.class) {
            return typed("string").put("pattern", DURATION);
        } else if (type == WorkOrderId.class) {
            return typed("string").put("pattern", "^wo_[0-7][0-9A-HJKMNP-TV-Z]{25}$");
        } else if (type == RunId.class) {
            return typed("string").put("pattern", "^wo_[0-7][0-9A-HJKMNP-TV-Z]{25}/[a-z0-9][a-z0-9-]{0,62}$");
        }
        return reference(type);
    }

    private ObjectNode reference(Class<?> type) {
        if (!type.isRecord() && !type.isEnum()) {
            throw new AssertionError("no schema for " + type + "; teach SchemaGenerator");
        }
        String name =
                type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
        if (!definitions.containsKey(name)) {
            definitions.put(name, NODES.objectNode()); // stops a type that holds itself
            definitions.put(name, type.isEnum() ? choice(type) : object(type));
        }
        return NODES.objectNode().put("$ref", "#/$defs/" + name);
    }

    private static ObjectNode choice(Class<?> type) {
        ObjectNode schema = described(RecordDocs.of(type).summary()).put("type", "string");
        ArrayNode values = schema.putArray("enum");
        for (Object constant : type.getEnumConstants()) {
            values.add(WireEnum.name((Enum<?>) constant));
        }
        return schema;
    }

    private static String jsonName(Class<?> type, RecordComponent component) {
        try {
            Field field = type.getDeclaredField(component.getName());
            JsonProperty renamed = field.getAnnotation(JsonProperty.class);
            return renamed == null ? component.getName() : renamed.value();
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode typed(String type) {
        return NODES.objectNode().put("type", type);
    }

    private static ObjectNode described(String text) {
        ObjectNode node = NODES.objectNode();
        return text.isEmpty() ? node : node.put("description", text);
    }
}
