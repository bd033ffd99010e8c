package dev.fermata.contracts.order;

import java.util.List;

/** A value of a YAML or JSON document with the place it stands at. */
sealed interface Node {
    Mark mark();

    /** What the author would call it, for messages. */
    String kindName();

    /**
     * A single value.
     *
     * @param source where the text stands when it is SQL
     */
    record Scalar(String text, Kind kind, Mark mark, Span source) implements Node {
        @Override
        public String kindName() {
            return kind == Kind.NULL ? "no value" : "a single value";
        }
    }

    record Sequence(List<Node> items, Mark mark) implements Node {
        @Override
        public String kindName() {
            return "a list";
        }
    }

    /** Repeated keys are still in; whoever reads the mapping reports them. */
    record Mapping(List<Entry> entries, Mark mark) implements Node {
        @Override
        public String kindName() {
            return "a mapping";
        }
    }

    record Entry(String key, Mark mark, Node value) {}

    /** Where the text of a scalar begins; {@code verbatim} as in {@link SqlOrigin}. */
    record Span(Mark start, boolean verbatim) {}

    enum Kind {
        /** Quoted, or a block: text and nothing else. */
        TEXT,
        /** Unquoted YAML: whatever the reader of the key wants it to be. */
        PLAIN,
        /** A number, true or false of JSON: no text. */
        LITERAL,
        NULL
    }
}
