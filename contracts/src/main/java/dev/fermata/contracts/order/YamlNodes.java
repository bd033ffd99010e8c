package dev.fermata.contracts.order;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * Reads YAML into nodes from the parser's events, so that nothing is constructed, nothing is expanded and every value
 * keeps its place. Tags, anchors, aliases and merge keys are refused: no work order needs them, and they are how YAML
 * documents attack their readers.
 */
final class YamlNodes {
    private static final int MAX_DEPTH = 20;
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

    private final String[] lines;
    private final int linesBefore;
    private final Problems problems;
    private final Iterator<Event> events;

    private YamlNodes(String text, int linesBefore, Problems problems) {
        this.lines = text.split("\n", -1);
        this.linesBefore = linesBefore;
        this.problems = problems;
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(WorkOrderFile.MAX_DOCUMENT_BYTES + 1);
        this.events = new Yaml(options).parse(new StringReader(text)).iterator();
    }

    /**
     * @param linesBefore how many lines of the file stand before the text
     * @throws WorkOrderFileException when it is no YAML that is understood here
     */
    static Node read(String text, int linesBefore, Problems problems) {
        YamlNodes reader = new YamlNodes(text, linesBefore, problems);
        try {
            return reader.document();
        } catch (MarkedYAMLException e) {
            throw reader.refuse(e);
        } catch (ReaderException e) {
            Mark mark = reader.markOf(text, e.getPosition());
            throw reader.refuse(
                    ProblemCode.SYNTAX,
                    mark,
                    "a character that YAML does not allow (code point " + e.getCodePoint() + "); remove or escape it");
        } catch (YAMLException e) {
            throw reader.refuse(ProblemCode.SYNTAX, reader.mark(0, 0), "not YAML: " + e.getMessage());
        }
    }

    private Node document() {
        events.next(); // start of the stream
        Event first = events.next();
        if (first.is(Event.ID.StreamEnd)) {
            return new Node.Mapping(List.of(), mark(0, 0));
        }
        Node node = node(events.next(), 0);
        events.next(); // end of the document
        Event after = events.next();
        if (!after.is(Event.ID.StreamEnd)) {
            throw refuse(
                    ProblemCode.SYNTAX, mark(after), "a second YAML document begins; one file holds one work order");
        }
        return node;
    }

    private Node node(Event event, int depth) {
        checkSupported(event, depth);
        if (event instanceof ScalarEvent scalar) {
            return scalar(scalar);
        }
        return event instanceof SequenceStartEvent ? sequence(event, depth) : mapping(event, depth);
    }

    private void checkSupported(Event event, int depth) {
        if (depth > MAX_DEPTH) {
            throw refuse(
                    ProblemCode.TOO_DEEP,
                    mark(event),
                    "more than " + MAX_DEPTH + " levels deep; no key of a work order is");
        }
        if (event instanceof AliasEvent) {
            throw unsupported(event, "an alias (*name)");
        }
        if (event instanceof NodeEvent node && node.getAnchor() != null) {
            throw unsupported(event, "an anchor (&name)");
        }
        String tag = event instanceof ScalarEvent scalar
                ? scalar.getTag()
                : event instanceof CollectionStartEvent collection ? collection.getTag() : null;
        if (tag != null) {
            throw unsupported(event, "a tag (!name)");
        }
    }

    private WorkOrderFileException unsupported(Event event, String what) {
        return refuse(ProblemCode.UNSUPPORTED_YAML, mark(event), what + "; write the value out, or quote it");
    }

    private Node sequence(Event start, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); !event.is(Event.ID.SequenceEnd); event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Node.Sequence(items, mark(start));
    }

    private Node mapping(Event start, int depth) {
        List<Node.Entry> entries = new ArrayList<>();
        for (Event event = events.next(); !event.is(Event.ID.MappingEnd); event = events.next()) {
            checkSupported(event, depth + 1);
            if (!(event instanceof ScalarEvent key)) {
                throw refuse(
                        ProblemCode.SYNTAX, mark(event), "a list or mapping as a key (expected: a name and a colon)");
            }
            if (key.isPlain() && key.getValue().equals("<<")) {
                throw unsupported(event, "a merge key (<<)");
            }
            entries.add(new Node.Entry(key.getValue(), mark(key), node(events.next(), depth + 1)));
        }
        return new Node.Mapping(entries, mark(start));
    }

    private Node scalar(ScalarEvent event) {
        String text = event.getValue();
        if (event.isPlain()) {
            Node.Kind kind = NULLS.contains(text) ? Node.Kind.NULL : Node.Kind.PLAIN;
            return new Node.Scalar(text, kind, mark(event), onOneLine(event, 0));
        }
        Node.Span span = event.getScalarStyle() == ScalarStyle.LITERAL
                ? block(event)
                : event.getScalarStyle() == ScalarStyle.FOLDED
                        ? new Node.Span(mark(event), false)
                        : onOneLine(event, 1);
        return new Node.Scalar(text, Node.Kind.TEXT, mark(event), span);
    }

    /** A value on one line, after as many characters of quoting; verbatim where the very text stands there. */
    private Node.Span onOneLine(ScalarEvent event, int quotes) {
        int line = event.getStartMark().getLine();
        int column = event.getStartMark().getColumn() + quotes;
        boolean verbatim = !event.getValue().contains("\n")
                && line < lines.length
                && lines[line].startsWith(event.getValue(), column);
        return new Node.Span(mark(line, column), verbatim);
    }

    /** The lines below a {@code |}: their indentation is what the source has more than the value. */
    private Node.Span block(ScalarEvent event) {
        int first = event.getStartMark().getLine() + 1;
        String[] value = event.getValue().split("\n", -1);
        for (int i = 0; i < value.length && first + i < lines.length; i++) {
            String source = lines[first + i];
            if (!value[i].isBlank() && source.endsWith(value[i])) {
                return new Node.Span(mark(first, source.length() - value[i].length()), true);
            }
        }
        return new Node.Span(mark(event), false);
    }

    private Mark mark(Event event) {
        return mark(event.getStartMark().getLine(), event.getStartMark().getColumn());
    }

    /** From positions counted from 0 within the text. */
    private Mark mark(int line, int column) {
        return new Mark(linesBefore + line + 1, column + 1);
    }

    private Mark markOf(String text, int codePoints) {
        String before = text.substring(
                0, text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length()))));
        int line = (int) before.chars().filter(c -> c == '\n').count();
        return mark(line, before.length() - before.lastIndexOf('\n') - 1);
    }

    private WorkOrderFileException refuse(MarkedYAMLException e) {
        var at = e.getProblemMark();
        Mark mark = at == null ? mark(0, 0) : mark(at.getLine(), at.getColumn());
        if (at != null && startsWithTab(at.getLine())) {
            return refuse(ProblemCode.TAB, mark, "a tab indents this line (YAML expects spaces); replace it by spaces");
        }
        String context = e.getContext() == null ? "" : " " + e.getContext();
        return refuse(
                ProblemCode.SYNTAX, mark, "not YAML: " + e.getProblem() + context + "; quote the value if it is text");
    }

    private boolean startsWithTab(int line) {
        return line < lines.length
                && lines[line].stripLeading().length() < lines[line].length()
                && lines[line]
                        .substring(
                                0,
                                lines[line].length()
                                        - lines[line].stripLeading().length())
                        .contains("\t");
    }

    private WorkOrderFileException refuse(ProblemCode code, Mark mark, String what) {
        problems.add(code, mark, what);
        return problems.exception();
    }
}
