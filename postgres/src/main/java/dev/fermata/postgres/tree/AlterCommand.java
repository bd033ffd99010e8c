package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import java.util.List;
import java.util.Optional;

/**
 * One command of an ALTER TABLE.
 *
 * @param subtype as the grammar names it, such as {@code AT_AddColumn}
 * @param name of the column, constraint, trigger or rule it is about; empty for none
 * @param cascade whether dependants go too
 * @param missingOk whether IF EXISTS, or for a new column IF NOT EXISTS, was written
 * @param definition the rest, a missing node for none
 * @param offset in the statement's text of its first character
 */
public record AlterCommand(
        String subtype, String name, boolean cascade, boolean missingOk, JsonNode definition, int offset) {

    static AlterCommand of(JsonNode node, int offset) {
        return new AlterCommand(
                node.path("subtype").asText(),
                node.path("name").asText(""),
                node.path("behavior").asText().equals("DROP_CASCADE"),
                node.path("missing_ok").asBoolean(),
                node.path("def"),
                offset);
    }

    public boolean is(String... subtypes) {
        return List.of(subtypes).contains(subtype);
    }

    /** Of ADD COLUMN. */
    public Optional<ColumnDefinition> column() {
        return is("AT_AddColumn") ? Optional.of(ColumnDefinition.of(definition.path("ColumnDef"))) : Optional.empty();
    }

    /** Of ADD CONSTRAINT. */
    public Optional<ConstraintDefinition> constraint() {
        return is("AT_AddConstraint")
                ? Optional.of(ConstraintDefinition.of(definition.path("Constraint")))
                : Optional.empty();
    }

    /** Of ALTER COLUMN TYPE. */
    public Optional<TypeName> newType() {
        return is("AT_AlterColumnType")
                ? Optional.of(TypeName.of(definition.path("ColumnDef").path("typeName")))
                : Optional.empty();
    }

    /** Of ALTER COLUMN TYPE ... USING; a missing node for none. */
    public JsonNode using() {
        return definition.path("ColumnDef").path("raw_default");
    }

    /** Of ATTACH and DETACH PARTITION, INHERIT and NO INHERIT. */
    public Optional<WrittenName> otherTable() {
        if (is("AT_AttachPartition", "AT_DetachPartition", "AT_DetachPartitionFinalize")) {
            return Optional.of(Nodes.relation(definition.path("PartitionCmd").path("name")));
        }
        return is("AT_AddInherit", "AT_DropInherit")
                ? Optional.of(Nodes.relation(definition.path("RangeVar")))
                : Optional.empty();
    }

    /** Of SET (...) and RESET (...): the names of the parameters. */
    public List<String> parameters() {
        return definition
                .path("List")
                .path("items")
                .valueStream()
                .map(item -> {
                    JsonNode element = item.path("DefElem");
                    String namespace = element.path("defnamespace").asText("");
                    return (namespace.isEmpty() ? "" : namespace + ".")
                            + element.path("defname").asText();
                })
                .toList();
    }
}
