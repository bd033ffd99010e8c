package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/** JSON for people: what fits into one line stands in one. */
final class ReadableJson {
    private static final int WIDTH = 120;

    private ReadableJson() {}

    static String write(JsonNode node) {
        return block(node, 0, 0) + "\n";
    }

    /** @param taken how much of the line is taken before it, and by the comma behind it */
    private static String block(JsonNode node, int indent, int taken) {
        String line = line(node);
        if (node.isEmpty() || taken + line.length() <= WIDTH) {
            return line;
        }
        String margin = " ".repeat(indent + 2);
        List<String> parts = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(field -> {
                String start = margin + key(field.getKey());
                parts.add(start + block(field.getValue(), indent + 2, start.length() + 1));
            });
        } else {
            node.forEach(item -> parts.add(margin + block(item, indent + 2, indent + 3)));
        }
        String inside = String.join(",\n", parts) + "\n" + " ".repeat(indent);
        return node.isObject() ? "{\n" + inside + "}" : "[\n" + inside + "]";
    }

    private static String line(JsonNode node) {
        if (node.isEmpty()) {
            return node.toString();
        }
        List<String> parts = new ArrayList<>();
        if (node.isObject()) {
            node.properties().forEach(field -> parts.add(key(field.getKey()) + line(field.getValue())));
            return "{ " + String.join(", ", parts) + " }";
        }
        node.forEach(item -> parts.add(line(item)));
        return "[" + String.join(", ", parts) + "]";
    }

    private static String key(String name) {
        return TextNode.valueOf(name) + ": ";
    }
}
