package dev.fermata.execution.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.postgres.tree.AlterTable;
import dev.fermata.postgres.tree.Expressions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Columns of the target that rest where they are. No copy of the schema has them, so a statement that would meet them by other
 * means than their names comes to something else on the target than on a clone: it is refused before anything is tried.
 */
public final class RestingColumns {
    private static final String COLUMNS = """
        SELECT n.nspname, c.relname, a.attname,
          a.attnum < (SELECT max(o.attnum) FROM pg_attribute AS o WHERE o.attrelid = c.oid AND NOT o.attisdropped
                        AND o.attname !~ '^fermata_attic_')
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attname ~ '^fermata_attic_'
          AND n.nspname !~ '^fermata_attic'
        ORDER BY a.attnum
        """;

    private final Map<QualifiedName, List<Column>> columns;
    private final Set<String> purged = new HashSet<>();

    /** @param amid whether a column that is in use stands behind it */
    private record Column(String name, boolean amid) {}

    private RestingColumns(Map<QualifiedName, List<Column>> columns) {
        this.columns = columns;
    }

    public static RestingColumns read(Connection connection) throws SQLException {
        Map<QualifiedName, List<Column>> columns = new TreeMap<>();
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(COLUMNS)) {
            while (rows.next()) {
                columns.computeIfAbsent(
                                new QualifiedName(rows.getString(1), rows.getString(2)), first -> new ArrayList<>())
                        .add(new Column(rows.getString(3), rows.getBoolean(4)));
            }
        }
        return new RestingColumns(columns);
    }

    /** In the order of the statements, as one that purges lets those after it do what they like. */
    void refuse(Scene scene, Statement author) throws PlanRefusedException {
        if (columns.isEmpty()) {
            return;
        }
        Statement statement = scene.statement();
        AlterTable.of(statement).ifPresent(alter -> alter.commands("AT_DropColumn")
                .filter(command -> command.name().startsWith(Attic.PREFIX))
                .forEach(command -> purged.add(command.name())));
        JsonNode node = statement.node();
        if (statement.kind().equals("InsertStmt")
                && node.has("selectStmt")
                && node.path("cols").isEmpty()) {
            refuse(scene, author, node.path("relation"), true, "an INSERT without a list of columns would fill");
        }
        for (JsonNode relation : behindStars(statement)) {
            refuse(scene, author, relation, false, "* would include");
        }
        if (statement.kind().equals("CreateStmt")) {
            for (JsonNode element : node.path("tableElts")) {
                refuse(scene, author, element.path("TableLikeClause").path("relation"), false, "LIKE would include");
            }
        }
        for (JsonNode command : node.path("cmds")) {
            JsonNode each = command.path("AlterTableCmd");
            String subtype = each.path("subtype").asText();
            if (subtype.equals("AT_AttachPartition")) {
                String why = "the server attaches only tables of the same columns, which are also";
                refuse(scene, author, node.path("relation"), false, why);
                refuse(scene, author, each.path("def").path("PartitionCmd").path("name"), false, why);
            } else if (subtype.equals("AT_AddInherit")) {
                refuse(scene, author, each.path("def").path("RangeVar"), false, "an heir would have to have");
            }
        }
    }

    /** Relations whose columns the statement keeps by a star. A view keeps its whole query, others what that comes to. */
    private static List<JsonNode> behindStars(Statement statement) {
        JsonNode node = statement.node();
        return switch (statement.kind()) {
            case "ViewStmt" -> hasStar(node) ? relations(node) : List.of();
            case "CreateTableAsStmt" -> behindStars(node.path("query").path("SelectStmt"));
            case "InsertStmt" -> behindStars(node.path("selectStmt").path("SelectStmt"));
            default -> List.of();
        };
    }

    private static List<JsonNode> behindStars(JsonNode select) {
        List<JsonNode> relations = new ArrayList<>();
        if (select.has("larg")) {
            relations.addAll(behindStars(select.path("larg")));
            relations.addAll(behindStars(select.path("rarg")));
        }
        boolean star = false;
        for (JsonNode shown : select.path("targetList")) {
            star |= hasStar(shown.path("ResTarget").path("val").path("ColumnRef"));
        }
        if (star) {
            select.path("fromClause").forEach(from -> relations.addAll(behindStarsOf(from)));
            select.path("withClause")
                    .path("ctes")
                    .forEach(with -> relations.addAll(behindStars(
                            with.path("CommonTableExpr").path("ctequery").path("SelectStmt"))));
        }
        return relations;
    }

    private static List<JsonNode> behindStarsOf(JsonNode from) {
        List<JsonNode> relations = new ArrayList<>();
        if (from.has("RangeVar")) {
            relations.add(from.path("RangeVar"));
        }
        if (from.has("JoinExpr")) {
            relations.addAll(behindStarsOf(from.path("JoinExpr").path("larg")));
            relations.addAll(behindStarsOf(from.path("JoinExpr").path("rarg")));
        }
        relations.addAll(
                behindStars(from.path("RangeSubselect").path("subquery").path("SelectStmt")));
        return relations;
    }

    private static boolean hasStar(JsonNode node) {
        return node.findParent("A_Star") != null;
    }

    private static List<JsonNode> relations(JsonNode node) {
        List<JsonNode> relations = new ArrayList<>();
        Expressions.each(node, (kind, inner) -> {
            if (kind.equals("RangeVar")) {
                relations.add(inner);
            }
        });
        return relations;
    }

    private void refuse(Scene scene, Statement author, JsonNode relation, boolean onlyAmid, String why)
            throws PlanRefusedException {
        if (!relation.has("relname")) {
            return;
        }
        QualifiedName table = Sql.relation(relation, scene);
        if (scene.isNew(table)) {
            return;
        }
        List<String> met = columns.getOrDefault(table, List.of()).stream()
                .filter(column -> !purged.contains(column.name()) && (column.amid() || !onlyAmid))
                .map(Column::name)
                .toList();
        if (!met.isEmpty()) {
            throw Refusals.of(
                    author,
                    "resting-columns",
                    why + " what rests in " + table + ": " + String.join(", ", met)
                            + " (name the columns, or purge these for good first: "
                            + met.stream()
                                    .map(column -> Sql.alter(table, "DROP COLUMN " + Sql.quote(column)))
                                    .collect(Collectors.joining("; "))
                            + ")");
        }
    }
}
