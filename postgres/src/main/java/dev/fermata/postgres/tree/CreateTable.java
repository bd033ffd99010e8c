package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.lock.WrittenName;
import dev.fermata.postgres.parser.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CREATE TABLE; not CREATE TABLE AS.
 *
 * @param constraints those of the table; those of a column are with it
 * @param parents of INHERITS or PARTITION OF
 * @param persistence {@code p}ermanent, {@code u}nlogged or {@code t}emporary
 */
public record CreateTable(
        WrittenName table,
        boolean ifNotExists,
        List<ColumnDefinition> columns,
        List<ConstraintDefinition> constraints,
        List<WrittenName> like,
        List<WrittenName> parents,
        boolean partition,
        boolean partitioned,
        char persistence) {
    public CreateTable {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
        like = List.copyOf(like);
        parents = List.copyOf(parents);
    }

    /** Empty for a statement of another kind. */
    public static Optional<CreateTable> of(Statement statement) {
        if (!statement.kind().equals("CreateStmt")) {
            return Optional.empty();
        }
        JsonNode node = statement.node();
        List<ColumnDefinition> columns = new ArrayList<>();
        List<ConstraintDefinition> constraints = new ArrayList<>();
        List<WrittenName> like = new ArrayList<>();
        for (JsonNode element : node.path("tableElts")) {
            if (element.has("ColumnDef")) {
                columns.add(ColumnDefinition.of(element.path("ColumnDef")));
            } else if (element.has("Constraint")) {
                constraints.add(ConstraintDefinition.of(element.path("Constraint")));
            } else if (element.has("TableLikeClause")) {
                like.add(Nodes.relation(element.path("TableLikeClause").path("relation")));
            }
        }
        return Optional.of(new CreateTable(
                Nodes.relation(node.path("relation")),
                node.path("if_not_exists").asBoolean(),
                columns,
                constraints,
                like,
                node.path("inhRelations")
                        .valueStream()
                        .map(parent -> Nodes.relation(parent.path("RangeVar")))
                        .toList(),
                node.has("partbound"),
                node.has("partspec"),
                node.path("relation").path("relpersistence").asText("p").charAt(0)));
    }

    /** Constraints of the table and of its columns. */
    public Stream<ConstraintDefinition> allConstraints() {
        return Stream.concat(constraints.stream(), columns.stream().flatMap(column -> column.clauses().stream()));
    }
}
