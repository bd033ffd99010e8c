package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.tree.ConstraintDefinition.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A column of CREATE TABLE or ADD COLUMN.
 *
 * @param clauses its constraints, default, identity, in the order written
 * @param offset in the statement's text, -1 if unknown
 */
public record ColumnDefinition(
        String name, TypeName type, List<ConstraintDefinition> clauses, boolean collated, int offset) {
    public ColumnDefinition {
        clauses = List.copyOf(clauses);
    }

    /** @param node the content of a ColumnDef */
    public static ColumnDefinition of(JsonNode node) {
        List<ConstraintDefinition> clauses = new ArrayList<>();
        node.path("constraints").forEach(clause -> clauses.add(ConstraintDefinition.of(clause.path("Constraint"))));
        return new ColumnDefinition(
                node.path("colname").asText(),
                TypeName.of(node.path("typeName")),
                clauses,
                node.has("collClause"),
                node.path("location").asInt(-1));
    }

    public Stream<ConstraintDefinition> clauses(Kind kind) {
        return clauses.stream().filter(clause -> clause.kind() == kind);
    }

    public boolean has(Kind kind) {
        return clauses(kind).findAny().isPresent();
    }

    /** The expression of its DEFAULT. */
    public Optional<JsonNode> defaultExpression() {
        return clauses(Kind.DEFAULT).map(ConstraintDefinition::expression).findFirst();
    }

    /** NOT NULL, PRIMARY KEY, serial or identity: a row without a value is refused. */
    public boolean notNull() {
        return has(Kind.NOT_NULL) || has(Kind.PRIMARY_KEY) || has(Kind.IDENTITY) || type.isSerial();
    }

    /** Whether a row that says nothing of the column gets a value other than NULL. */
    public boolean fillsItself() {
        return type.isSerial()
                || has(Kind.IDENTITY)
                || has(Kind.GENERATED)
                || defaultExpression()
                        .filter(value -> !Expressions.isNull(value))
                        .isPresent();
    }
}
