package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.util.Optional;

/**
 * ALTER ... RENAME.
 *
 * @param object what gets the new name, in SQL words: {@code TABLE}, {@code COLUMN}, {@code CONSTRAINT}
 * @param of the relation, type or function named first; with an empty name where it is none of them, such as a schema
 * @param oldName of the column, constraint or schema; empty where the object itself is meant
 */
public record Rename(String object, WrittenName of, String oldName, String newName) {
    /** Empty for a statement of another kind. */
    public static Optional<Rename> of(Statement statement) {
        if (!statement.kind().equals("RenameStmt")) {
            return Optional.empty();
        }
        JsonNode node = statement.node();
        JsonNode object = node.path("object");
        WrittenName of = node.has("relation")
                ? Nodes.relation(node.path("relation"))
                : Nodes.name(Nodes.strings(
                        object.has("ObjectWithArgs")
                                ? object.path("ObjectWithArgs").path("objname")
                                : object));
        return Optional.of(new Rename(
                node.path("renameType")
                        .asText()
                        .replaceFirst("^OBJECT_", "")
                        .replace("MATVIEW", "MATERIALIZED VIEW")
                        .replace("TABCONSTRAINT", "CONSTRAINT")
                        .replace('_', ' '),
                of,
                node.path("subname").asText(""),
                node.path("newname").asText("")));
    }
}
