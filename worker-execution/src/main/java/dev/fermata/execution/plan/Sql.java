package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.ArrayList;
import java.util.List;

/** Reads names out of parse trees as libpg_query prints them. */
final class Sql {
    private Sql() {}

    /** A RangeVar; an unwritten schema is {@code public}, the only one on the search path of a step. */
    static QualifiedName relation(JsonNode rangeVar) {
        String schema = rangeVar.path("schemaname").asText("");
        return new QualifiedName(
                schema.isEmpty() ? "public" : schema, rangeVar.path("relname").asText());
    }

    /** A list of String nodes as a name; one part is in {@code public}. */
    static QualifiedName name(JsonNode parts) {
        List<String> names = strings(parts);
        return names.size() == 1
                ? new QualifiedName("public", names.get(0))
                : new QualifiedName(names.get(names.size() - 2), names.get(names.size() - 1));
    }

    static List<String> strings(JsonNode list) {
        List<String> strings = new ArrayList<>();
        for (JsonNode item : list) {
            strings.add(item.path("String").path("sval").asText());
        }
        return strings;
    }

    static String quote(String identifier) {
        return QualifiedName.quote(identifier);
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
