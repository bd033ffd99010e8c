package dev.fermata.postgres.lock;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Reads names and options out of parse trees as libpg_query prints them. */
final class Nodes {
    private Nodes() {}

    /** @param rangeVar the content of a RangeVar */
    static WrittenName name(JsonNode rangeVar) {
        return new WrittenName(
                rangeVar.path("schemaname").asText(), rangeVar.path("relname").asText());
    }

    /** Of a list of RangeVar nodes. */
    static List<WrittenName> names(JsonNode rangeVars) {
        List<WrittenName> names = new ArrayList<>();
        rangeVars.forEach(node -> names.add(name(node.path("RangeVar"))));
        return names;
    }

    /** The strings of a List node, or of a plain array of String nodes. */
    static List<String> strings(JsonNode list) {
        List<String> strings = new ArrayList<>();
        items(list).forEach(item -> strings.add(item.path("String").path("sval").asText()));
        return strings;
    }

    /** A relation from its dotted parts, without the last {@code ignored} of them. */
    static WrittenName name(List<String> parts, int ignored) {
        int last = parts.size() - 1 - ignored;
        if (last < 0) {
            throw new IllegalStateException("name of " + parts.size() + " parts (expected: more than " + ignored + ")");
        }
        return new WrittenName(last > 0 ? parts.get(last - 1) : "", parts.get(last));
    }

    /** Whether a list of DefElem has that option, switched on. */
    static boolean hasOption(JsonNode options, String name) {
        for (JsonNode option : options) {
            JsonNode element = option.path("DefElem");
            if (element.path("defname").asText().equals(name)) {
                JsonNode argument = element.path("arg");
                String value = argument.path("String").path("sval").asText();
                boolean off = Set.of("false", "off", "0", "no").contains(value.toLowerCase(Locale.ROOT))
                        || (argument.has("Integer")
                                && argument.path("Integer").path("ival").asInt() == 0)
                        || (argument.has("Boolean")
                                && !argument.path("Boolean").path("boolval").asBoolean());
                return !off;
            }
        }
        return false;
    }

    /** The argument of an option; empty if it is not there, or has none. */
    static Optional<JsonNode> option(JsonNode options, String name) {
        for (JsonNode option : items(options)) {
            JsonNode element = option.path("DefElem");
            if (element.path("defname").asText().equals(name) && element.has("arg")) {
                return Optional.of(element.path("arg"));
            }
        }
        return Optional.empty();
    }

    /** The names in a list of DefElem. */
    static Set<String> optionNames(JsonNode options) {
        Set<String> names = new LinkedHashSet<>();
        items(options)
                .forEach(option ->
                        names.add(option.path("DefElem").path("defname").asText()));
        return names;
    }

    private static JsonNode items(JsonNode list) {
        return list.isArray() ? list : list.path("List").path("items");
    }

    /** Relations that are mentioned with ONLY. */
    static Set<WrittenName> onlyRelationsOf(JsonNode tree) {
        Set<WrittenName> relations = new LinkedHashSet<>();
        walk(tree, (kind, node) -> {
            if (node.has("relname") && !node.path("inh").asBoolean()) {
                relations.add(name(node));
            }
        });
        return relations;
    }

    /** All functions that are called in it, as written, in dotted parts. */
    static List<List<String>> qualifiedFunctionsOf(JsonNode tree) {
        List<List<String>> functions = new ArrayList<>();
        walk(tree, (kind, node) -> {
            if (kind.equals("FuncCall")) {
                functions.add(strings(node.path("funcname")));
            }
        });
        return functions;
    }

    /** All relations that a query mentions, but for the names of its WITH queries. */
    static Set<WrittenName> relationsOf(JsonNode tree) {
        Set<WrittenName> relations = new LinkedHashSet<>();
        Set<String> withQueries = new HashSet<>();
        walk(tree, (kind, node) -> {
            if (kind.equals("RangeVar")) {
                relations.add(name(node));
            } else if (kind.equals("CommonTableExpr")) {
                withQueries.add(node.path("ctename").asText());
            }
        });
        relations.removeIf(relation -> !relation.hasSchema() && withQueries.contains(relation.name()));
        return relations;
    }

    /** The names of all functions that are called in it, lower case, without schema. */
    static Set<String> functionsOf(JsonNode tree) {
        Set<String> functions = new LinkedHashSet<>();
        walk(tree, (kind, node) -> {
            if (kind.equals("FuncCall")) {
                functions.add(strings(node.path("funcname")).getLast().toLowerCase(Locale.ROOT));
            }
        });
        return functions;
    }

    /** Every field of the tree with its name, outer ones first; locking clauses only name what is named before. */
    static void walk(JsonNode tree, BiConsumer<String, JsonNode> visitor) {
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
                if (!field.getKey().equals("lockingClause") && field.getValue().isContainerNode()) {
                    visitor.accept(field.getKey(), field.getValue());
                    inner.add(field.getValue());
                }
            }
            inner.reversed().forEach(open::push);
        }
    }
}
