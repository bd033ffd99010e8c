package dev.fermata.postgres.tree;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Questions to expressions. */
public final class Expressions {
    private Expressions() {}

    /** Columns that cannot be null where the condition holds: those of {@code c IS NOT NULL} joined by AND. */
    public static List<String> provenNotNull(JsonNode condition) {
        List<String> columns = new ArrayList<>();
        Deque<JsonNode> open = new ArrayDeque<>();
        open.push(condition);
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            if (node.path("BoolExpr").path("boolop").asText().equals("AND_EXPR")) {
                node.path("BoolExpr").path("args").forEach(open::push);
            } else if (node.path("NullTest").path("nulltesttype").asText().equals("IS_NOT_NULL")) {
                List<String> names = Nodes.strings(
                        node.path("NullTest").path("arg").path("ColumnRef").path("fields"));
                if (!names.isEmpty()) {
                    columns.add(names.getLast());
                }
            }
        }
        return columns;
    }

    /** Names of all functions called in it, lower case, without schema. */
    public static Set<String> functions(JsonNode tree) {
        Set<String> functions = new LinkedHashSet<>();
        each(tree, (kind, node) -> {
            if (kind.equals("FuncCall")) {
                functions.add(Nodes.strings(node.path("funcname")).getLast().toLowerCase(Locale.ROOT));
            }
        });
        return functions;
    }

    /** Names of all columns mentioned in it, without what qualifies them; {@code *} for a star. */
    public static Set<String> columns(JsonNode tree) {
        Set<String> columns = new LinkedHashSet<>();
        each(tree, (kind, node) -> {
            if (kind.equals("ColumnRef")) {
                JsonNode last = node.path("fields").path(node.path("fields").size() - 1);
                columns.add(
                        last.has("A_Star")
                                ? "*"
                                : last.path("String").path("sval").asText());
            }
        });
        return columns;
    }

    /** Whether the node is a constant, cast or not; NULL counts. */
    public static boolean isConstant(JsonNode expression) {
        JsonNode node = expression;
        while (node.has("TypeCast")) {
            node = node.path("TypeCast").path("arg");
        }
        return node.has("A_Const");
    }

    /** Whether the node is the constant NULL, cast or not. */
    public static boolean isNull(JsonNode expression) {
        JsonNode node = expression;
        while (node.has("TypeCast")) {
            node = node.path("TypeCast").path("arg");
        }
        return node.path("A_Const").path("isnull").asBoolean();
    }

    /** Visits every named node of the tree, outer ones first: its kind, such as {@code FuncCall}, and its content. */
    public static void each(JsonNode tree, BiConsumer<String, JsonNode> visitor) {
        Deque<JsonNode> open = new ArrayDeque<>();
        open.push(tree);
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            if (node.isArray()) {
                for (int i = node.size() - 1; i >= 0; i--) {
                    open.push(node.get(i));
                }
                continue;
            }
            List<JsonNode> inner = new ArrayList<>();
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                if (field.getValue().isContainerNode()) {
                    if (Character.isUpperCase(field.getKey().charAt(0))) {
                        visitor.accept(field.getKey(), field.getValue());
                    }
                    inner.add(field.getValue());
                }
            }
            inner.reversed().forEach(open::push);
        }
    }
}
