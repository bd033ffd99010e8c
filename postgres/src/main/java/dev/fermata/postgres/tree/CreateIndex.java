package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.util.List;
import java.util.Optional;

/**
 * CREATE INDEX.
 *
 * @param name empty if none was written
 * @param keys key columns in order; empty text for an expression
 * @param only whether the partitions are left out
 * @param partial whether it has a WHERE
 */
public record CreateIndex(
        String name,
        WrittenName table,
        String method,
        List<String> keys,
        List<String> included,
        boolean unique,
        boolean concurrently,
        boolean ifNotExists,
        boolean only,
        boolean partial) {
    public CreateIndex {
        keys = List.copyOf(keys);
        included = List.copyOf(included);
    }

    /** Empty for a statement of another kind. */
    public static Optional<CreateIndex> of(Statement statement) {
        if (!statement.kind().equals("IndexStmt")) {
            return Optional.empty();
        }
        JsonNode node = statement.node();
        return Optional.of(new CreateIndex(
                node.path("idxname").asText(""),
                Nodes.relation(node.path("relation")),
                node.path("accessMethod").asText("btree"),
                names(node.path("indexParams")),
                names(node.path("indexIncludingParams")),
                node.path("unique").asBoolean(),
                node.path("concurrent").asBoolean(),
                node.path("if_not_exists").asBoolean(),
                !node.path("relation").path("inh").asBoolean(),
                node.has("whereClause")));
    }

    private static List<String> names(JsonNode elements) {
        return elements.valueStream()
                .map(element -> element.path("IndexElem").path("name").asText(""))
                .toList();
    }
}
