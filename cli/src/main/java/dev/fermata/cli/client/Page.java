package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;

/** A readable page in the making: headings at the margin, facts below them. */
final class Page {
    private static final int LABEL = 12;

    private final StringBuilder text = new StringBuilder();

    /** A heading with an empty line above it. */
    Page heading(String heading) {
        if (!text.isEmpty()) {
            text.append('\n');
        }
        text.append(heading).append('\n');
        return this;
    }

    /** A label and what is behind it; nothing where there is nothing. */
    Page fact(String label, String value) {
        if (!value.isBlank()) {
            text.append("  ")
                    .append(label)
                    .append(" ".repeat(Math.max(1, LABEL - label.length())))
                    .append(Terminal.isColoured() ? value : Plain.line(value))
                    .append('\n');
        }
        return this;
    }

    Page fact(String label, JsonNode value) {
        return fact(label, value.isTextual() ? value.asText() : value.isMissingNode() ? "" : value.toString());
    }

    Page line(String indented) {
        text.append("  ").append(Plain.lines(indented)).append('\n');
        return this;
    }

    /** Several lines, such as SQL or a table, each indented. */
    Page block(String indent, String lines) {
        lines.lines()
                .forEach(line -> text.append((indent + line).stripTrailing()).append('\n'));
        return this;
    }

    @Override
    public String toString() {
        return text.toString().stripTrailing();
    }
}
