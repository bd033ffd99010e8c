package dev.fermata.postgres.parser;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Expressions of PL/pgSQL, which the server runs as {@code SELECT expression}. */
final class Expression {
    private static final Set<String> QUERY_WORDS =
            Set.of("select", "from", "table", "values", "union", "intersect", "except", "into", "with");

    private Expression() {}

    /** False for variables, constants and operators: no call and no query, so there is no need to parse it. */
    static boolean mayDoSomething(String text) {
        for (Lexer lexer = new Lexer(text); lexer.next(); ) {
            if (lexer.isSymbol('(') || QUERY_WORDS.stream().anyMatch(lexer::isWord)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the tree reads a relation or calls a function. */
    static boolean doesSomething(JsonNode tree) {
        Deque<JsonNode> open = new ArrayDeque<>();
        open.push(tree);
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            if (node.has("RangeVar") || node.has("FuncCall")) {
                return true;
            }
            for (JsonNode child : node) {
                if (child.isContainerNode()) {
                    open.push(child);
                }
            }
        }
        return false;
    }

    static SourceText asSelect(SourceText expression) {
        Lexer lexer = new Lexer(expression.text());
        SourceText bare = lexer.next() ? expression.slice(lexer.start(), expression.length()) : expression;
        return new SourceText.Builder()
                .append("SELECT ", bare.origin(0))
                .append(bare)
                .build();
    }

    /** The target and the value of {@code target := value} or {@code target = value}. */
    static List<SourceText> ofAssignment(SourceText whole) {
        int depth = 0;
        boolean colon = false;
        for (Lexer lexer = new Lexer(whole.text()); lexer.next(); ) {
            int start = lexer.start();
            if (depth == 0
                    && lexer.kind() == Token.Kind.OPERATOR
                    && whole.text().charAt(start) == '=') {
                return List.of(whole.slice(0, colon ? start - 1 : start), whole.slice(start + 1, whole.length()));
            }
            depth += lexer.isSymbol('[') || lexer.isSymbol('(') ? 1 : 0;
            depth -= lexer.isSymbol(']') || lexer.isSymbol(')') ? 1 : 0;
            colon = lexer.isSymbol(':');
        }
        return List.of(whole);
    }
}
