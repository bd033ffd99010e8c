package dev.fermata.postgres.parser;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.postgres.parser.SqlRefusedException.Reason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns what libpg_query said about one script into statements with places and trees. Used once, by one thread. */
final class ScriptReader {
    /** Levels of JSON, two or three per level of SQL: deep enough for any script, shallow enough to recurse over. */
    private static final int MAX_NESTING = 4_000;
    /** The tree takes about eight times as much on the heap; DDL gives about seven bytes of it per character. */
    static final int MAX_TREE_BYTES = 40 << 20;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .setNodeFactory(new SmallNodes());

    private final Positions positions;

    ScriptReader(Positions positions) {
        this.positions = positions;
    }

    /** @throws SqlInputException when PostgreSQL refused the script, or its tree passes a limit */
    List<Statement> read(LibPgQuery.Outcome outcome) {
        return switch (outcome) {
            case LibPgQuery.Tree tree -> statements(tree(tree.json()));
            case LibPgQuery.Failure failure -> throw translated(failure);
        };
    }

    /** @throws SqlRefusedException when it passes a limit */
    static JsonNode tree(byte[] json) {
        if (json.length > MAX_TREE_BYTES) {
            throw new SqlRefusedException(
                    Reason.TOO_LARGE,
                    "the parse tree of the script has %d bytes (expected: at most %d): split it into smaller ones"
                            .formatted(json.length, MAX_TREE_BYTES));
        }
        try {
            return JSON.readTree(json);
        } catch (StreamConstraintsException e) {
            throw tooDeep();
        } catch (IOException e) {
            throw new IllegalStateException("libpg_query gave JSON that cannot be read", e);
        }
    }

    private List<Statement> statements(JsonNode script) {
        JsonNode raw = script.path("stmts");
        List<Statement> statements = new ArrayList<>(raw.size());
        for (JsonNode one : raw) {
            statements.add(statement(statements.size(), one));
        }
        return List.copyOf(statements);
    }

    private Statement statement(int index, JsonNode raw) {
        int from = raw.path("stmt_location").asInt();
        int length = raw.path("stmt_len").asInt();
        int limit = length == 0 ? positions.text().length() : positions.ofByte(from + length);
        Lexer lexer = new Lexer(positions.text(), positions.ofByte(from), limit);
        int start = lexer.next() ? lexer.start() : limit;
        int end = lexer.end();
        while (lexer.next()) {
            end = lexer.end();
        }
        Map.Entry<String, JsonNode> node =
                raw.path("stmt").properties().iterator().next();
        makeRelative(node.getValue(), start);
        return new Statement(
                index,
                start,
                end,
                positions.line(start),
                positions.column(start),
                positions.text().substring(start, end),
                node.getKey(),
                node.getValue());
    }

    /** Positions in the tree: from UTF-8 bytes of the script to UTF-16 units of the statement's text. */
    private void makeRelative(JsonNode root, int start) {
        Deque<JsonNode> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            if (node instanceof ObjectNode object) {
                for (Map.Entry<String, JsonNode> field : object.properties()) {
                    JsonNode value = field.getValue();
                    if (value.isContainerNode()) {
                        open.push(value);
                    } else if (value.isInt() && value.intValue() >= 0 && isPosition(field.getKey())) {
                        field.setValue(IntNode.valueOf(positions.ofByte(value.intValue()) - start));
                    }
                }
            } else {
                node.forEach(element -> {
                    if (element.isContainerNode()) {
                        open.push(element);
                    }
                });
            }
        }
    }

    private static boolean isPosition(String field) {
        return switch (field) {
            case "location",
                    "name_location",
                    "arg_location",
                    "conninfo_location",
                    "list_start",
                    "list_end",
                    "rexpr_list_start",
                    "rexpr_list_end" -> true;
            default -> false;
        };
    }

    /** What PostgreSQL said, as an exception with its place in the script. */
    SqlInputException translated(LibPgQuery.Failure failure) {
        String message = failure.message();
        if (message.startsWith("memory exhausted") || message.startsWith("stack depth limit exceeded")) {
            return tooDeep();
        }
        if (message.startsWith("out of memory") || message.startsWith("invalid memory alloc request")) {
            return new SqlRefusedException(
                    Reason.TOO_LARGE,
                    "the script needs more memory to parse than it may take: split it into smaller ones");
        }
        if (failure.codePoint() <= 0) {
            return new SqlSyntaxException(message, -1, 0, 0);
        }
        int offset = positions.ofCodePoint(failure.codePoint() - 1);
        return new SqlSyntaxException(
                PsqlSyntax.explain(positions, offset).orElse(message),
                offset,
                positions.line(offset),
                positions.column(offset));
    }

    private static SqlRefusedException tooDeep() {
        return new SqlRefusedException(Reason.TOO_DEEP, "a statement of the script is nested too deeply");
    }

    /** Most nodes have one to three fields, a tree has hundreds of thousands of them. */
    private static final class SmallNodes extends JsonNodeFactory {
        @Override
        public ObjectNode objectNode() {
            return new ObjectNode(this, new LinkedHashMap<>(2));
        }
    }
}
