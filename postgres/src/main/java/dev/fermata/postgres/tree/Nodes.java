package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import java.util.ArrayList;
import java.util.List;

/** Reads what all views need from JSON. */
final class Nodes {
    private Nodes() {}

    /** The strings of a List node, or of a plain array of String nodes. */
    static List<String> strings(JsonNode list) {
        JsonNode items = list.isArray() ? list : list.path("List").path("items");
        List<String> strings = new ArrayList<>();
        items.forEach(item -> strings.add(item.path("String").path("sval").asText()));
        return strings;
    }

    /** @param rangeVar the content of a RangeVar */
    static WrittenName relation(JsonNode rangeVar) {
        return new WrittenName(
                rangeVar.path("schemaname").asText(""), rangeVar.path("relname").asText(""));
    }

    /** @param parts such as {@code [public, orders]} */
    static WrittenName name(List<String> parts) {
        return parts.isEmpty()
                ? new WrittenName("", "")
                : new WrittenName(parts.size() > 1 ? parts.get(parts.size() - 2) : "", parts.getLast());
    }
}
