package dev.fermata.contracts.order;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads JSON into nodes, token by token, so that every value keeps its place. */
final class JsonNodes {
    private static final int MAX_DEPTH = 20;
    private static final int MAX_NAME = 1000;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME)
                    .build())
            .build();

    private final JsonParser parser;
    private final String[] lines;

    private JsonNodes(JsonParser parser, String[] lines) {
        this.parser = parser;
        this.lines = lines;
    }

    /** @throws WorkOrderFileException when it is no JSON */
    static Node read(String text, Problems problems) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonNodes reader = new JsonNodes(parser, text.split("\n", -1));
            parser.nextToken();
            Node node = reader.node();
            if (parser.nextToken() != null) {
                problems.add(ProblemCode.SYNTAX, reader.mark(), "text after the end of the JSON; remove it");
                throw problems.exception();
            }
            return node;
        } catch (StreamConstraintsException e) {
            problems.add(
                    ProblemCode.TOO_DEEP,
                    mark(e.getLocation()),
                    "JSON beyond what a work order needs: " + e.getOriginalMessage());
            throw problems.exception();
        } catch (JsonProcessingException e) {
            // The parser's own message quotes the text around the place, which may be SQL with literals.
            problems.add(
                    ProblemCode.SYNTAX,
                    mark(e.getLocation()),
                    "not JSON from here on; check commas, quotes and braces");
            throw problems.exception();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Node node() throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping();
            case START_ARRAY -> sequence();
            case VALUE_STRING -> scalar(Node.Kind.TEXT);
            case VALUE_NULL -> scalar(Node.Kind.NULL);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE -> scalar(Node.Kind.LITERAL);
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new IllegalStateException("JSON token " + parser.currentToken() + " where a value begins");
        };
    }

    private Node mapping() throws IOException {
        Mark start = mark();
        List<Node.Entry> entries = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            Mark at = mark();
            parser.nextToken();
            entries.add(new Node.Entry(key, at, node()));
        }
        return new Node.Mapping(entries, start);
    }

    private Node sequence() throws IOException {
        Mark start = mark();
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node());
        }
        return new Node.Sequence(items, start);
    }

    private Node scalar(Node.Kind kind) throws IOException {
        Mark start = mark();
        String text = parser.getText();
        boolean verbatim = !text.contains("\n") && lines[start.line() - 1].startsWith(text, start.column());
        return new Node.Scalar(text, kind, start, new Node.Span(new Mark(start.line(), start.column() + 1), verbatim));
    }

    private Mark mark() {
        return mark(parser.currentTokenLocation());
    }

    /** Some errors about limits have no place. */
    private static Mark mark(@Nullable JsonLocation at) {
        return at == null ? Mark.NOWHERE : new Mark(Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()));
    }
}
