package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import java.util.List;
import java.util.Optional;

/**
 * A constraint, or another clause of a column that the grammar treats as one.
 *
 * @param name empty if none was written
 * @param columns its own columns; empty for one that stands at its column
 * @param references the table that a foreign key points to, with an empty name for any other kind
 * @param expression of a CHECK, DEFAULT or generated column; a missing node for none
 * @param usingIndex of UNIQUE or PRIMARY KEY USING INDEX, else empty
 * @param notValid whether existing rows are not looked at
 * @param offset in the statement's text, -1 if unknown
 * @param node all of it
 */
public record ConstraintDefinition(
        Kind kind,
        String name,
        List<String> columns,
        WrittenName references,
        List<String> referencedColumns,
        JsonNode expression,
        String usingIndex,
        boolean notValid,
        int offset,
        JsonNode node) {

    /** As the grammar has them; what is none of these is {@link #OTHER}. */
    public enum Kind {
        NULL,
        NOT_NULL,
        DEFAULT,
        IDENTITY,
        GENERATED,
        CHECK,
        PRIMARY_KEY,
        UNIQUE,
        EXCLUSION,
        FOREIGN_KEY,
        OTHER
    }

    public ConstraintDefinition {
        columns = List.copyOf(columns);
        referencedColumns = List.copyOf(referencedColumns);
    }

    /** @param node the content of a Constraint */
    public static ConstraintDefinition of(JsonNode node) {
        Kind kind = kind(node.path("contype").asText());
        return new ConstraintDefinition(
                kind,
                node.path("conname").asText(""),
                Nodes.strings(kind == Kind.FOREIGN_KEY ? node.path("fk_attrs") : node.path("keys")),
                Nodes.relation(node.path("pktable")),
                Nodes.strings(node.path("pk_attrs")),
                node.path("raw_expr"),
                node.path("indexname").asText(""),
                node.path("skip_validation").asBoolean(),
                node.path("location").asInt(-1),
                node);
    }

    private static Kind kind(String contype) {
        return switch (contype) {
            case "CONSTR_NULL" -> Kind.NULL;
            case "CONSTR_NOTNULL" -> Kind.NOT_NULL;
            case "CONSTR_DEFAULT" -> Kind.DEFAULT;
            case "CONSTR_IDENTITY" -> Kind.IDENTITY;
            case "CONSTR_GENERATED" -> Kind.GENERATED;
            case "CONSTR_CHECK" -> Kind.CHECK;
            case "CONSTR_PRIMARY" -> Kind.PRIMARY_KEY;
            case "CONSTR_UNIQUE" -> Kind.UNIQUE;
            case "CONSTR_EXCLUSION" -> Kind.EXCLUSION;
            case "CONSTR_FOREIGN" -> Kind.FOREIGN_KEY;
            default -> Kind.OTHER;
        };
    }

    /** Whether new rows are held to it; {@code NOT ENFORCED} says no, since PostgreSQL 18. */
    public boolean enforced() {
        return node.path("is_enforced").asBoolean() || (kind != Kind.CHECK && kind != Kind.FOREIGN_KEY);
    }

    /** Whether a generated column is computed when it is read. */
    public boolean virtual() {
        return kind == Kind.GENERATED && node.path("generated_kind").asText().equals("v");
    }

    /** Whether it builds an index of its own. */
    public boolean buildsIndex() {
        return switch (kind) {
            case PRIMARY_KEY, UNIQUE, EXCLUSION -> usingIndex.isEmpty();
            default -> false;
        };
    }

    /** For {@code CHECK (c IS NOT NULL)}, alone or among others joined by AND: the columns that cannot be null. */
    public List<String> provesNotNull() {
        return kind == Kind.CHECK ? Expressions.provenNotNull(expression) : List.of();
    }

    /** ON DELETE or ON UPDATE of a foreign key: {@code CASCADE} and so on, empty for NO ACTION. */
    public Optional<String> onDelete() {
        return switch (node.path("fk_del_action").asText()) {
            case "c" -> Optional.of("CASCADE");
            case "n" -> Optional.of("SET NULL");
            case "d" -> Optional.of("SET DEFAULT");
            case "r" -> Optional.of("RESTRICT");
            default -> Optional.empty();
        };
    }
}
