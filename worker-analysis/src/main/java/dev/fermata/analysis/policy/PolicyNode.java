package dev.fermata.analysis.policy;

import java.util.List;

/** A value of the file, with the place it stands at. */
sealed interface PolicyNode {
    Place place();

    /** What its author would call it. */
    String kind();

    /** 1-based; 0 for the file as a whole. */
    record Place(int line, int column) {
        static final Place NOWHERE = new Place(0, 0);
    }

    /**
     * A single value.
     *
     * @param start where the first character of the text itself stands, after a quote or an indentation
     * @param verbatim whether all lines of the text stand in the file as they are, from the column of {@code start} on
     */
    record Text(String text, Place place, Place start, boolean verbatim) implements PolicyNode {
        @Override
        public String kind() {
            return text.isEmpty() ? "no value" : "a single value";
        }

        /** Where a character of the text stands; the start of the value where that cannot be said. */
        Place placeOf(int offset) {
            if (!verbatim) {
                return place;
            }
            String before = text.substring(0, Math.min(offset, text.length()));
            int lines = (int) before.chars().filter(c -> c == '\n').count();
            return new Place(start.line() + lines, start.column() + before.length() - before.lastIndexOf('\n') - 1);
        }
    }

    record Items(List<PolicyNode> items, Place place) implements PolicyNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Repeated keys are still in: whoever reads them reports them. */
    record Keys(List<Entry> entries, Place place) implements PolicyNode {
        @Override
        public String kind() {
            return "a mapping";
        }
    }

    record Entry(String key, Place place, PolicyNode value) {}
}
