package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * DROP of tables, views, indexes, types, functions and so on; not of databases, roles and tablespaces.
 *
 * @param object what is dropped, in SQL words: {@code TABLE}, {@code MATERIALIZED VIEW}
 * @param names of triggers, rules and policies: the table they are on
 * @param parts of triggers, rules and policies: their own names; else empty
 */
public record Drop(
        String object,
        List<WrittenName> names,
        List<String> parts,
        boolean ifExists,
        boolean cascade,
        boolean concurrently) {
    public Drop {
        names = List.copyOf(names);
        parts = List.copyOf(parts);
    }

    /** Empty for a statement of another kind. */
    public static Optional<Drop> of(Statement statement) {
        if (!statement.kind().equals("DropStmt")) {
            return Optional.empty();
        }
        JsonNode node = statement.node();
        String object = node.path("removeType")
                .asText()
                .replaceFirst("^OBJECT_", "")
                .replace("MATVIEW", "MATERIALIZED VIEW")
                .replace('_', ' ');
        boolean onTable = List.of("TRIGGER", "RULE", "POLICY").contains(object);
        List<WrittenName> names = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (JsonNode each : node.path("objects")) {
            List<String> written = written(each);
            if (onTable && written.size() > 1) {
                parts.add(written.getLast());
                written = written.subList(0, written.size() - 1);
            }
            names.add(Nodes.name(written));
        }
        return Optional.of(new Drop(
                object,
                names,
                parts,
                node.path("missing_ok").asBoolean(),
                node.path("behavior").asText().equals("DROP_CASCADE"),
                node.path("concurrent").asBoolean()));
    }

    private static List<String> written(JsonNode object) {
        if (object.has("String")) {
            return List.of(object.path("String").path("sval").asText());
        }
        if (object.has("ObjectWithArgs")) {
            return Nodes.strings(object.path("ObjectWithArgs").path("objname"));
        }
        if (object.has("TypeName")) {
            return Nodes.strings(object.path("TypeName").path("names"));
        }
        return Nodes.strings(object);
    }
}
