package dev.fermata.analysis.policy;

import java.util.ArrayList;
import java.util.List;

/** A text with expressions in it: <code>${table.name} is dropped</code>. */
record Template(List<Part> parts) {
    Template {
        parts = List.copyOf(parts);
    }

    sealed interface Part {
        record Words(String words) implements Part {}

        record Value(Expression expression) implements Part {}
    }

    /** @throws Expression.Wrong with places that count from the start of the text */
    static Template parse(String text) throws Expression.Wrong {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        for (int open = text.indexOf("${"); open >= 0; open = text.indexOf("${", at)) {
            int close = end(text, open + 2);
            if (close < 0) {
                throw new Expression.Wrong(
                        List.of(issue(text, open, "no } ends this (expected: ${ expression }, or no ${ in the text)")));
            }
            parts.add(new Part.Words(text.substring(at, open)));
            parts.add(new Part.Value(expression(text, open + 2, close)));
            at = close + 1;
        }
        parts.add(new Part.Words(text.substring(at)));
        return new Template(parts);
    }

    private static Expression expression(String text, int from, int to) throws Expression.Wrong {
        try {
            return Expression.value(text.substring(from, to));
        } catch (Expression.Wrong e) {
            throw new Expression.Wrong(e.issues().stream()
                    .map(issue -> issue(text, from + issue.offset(), issue.message()))
                    .toList());
        }
    }

    /** The brace that closes, past others and past what is quoted. */
    private static int end(String text, int from) {
        int depth = 0;
        char quote = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && depth-- == 0) {
                return i;
            }
        }
        return -1;
    }

    private static Expression.Issue issue(String text, int offset, String message) {
        String before = text.substring(0, offset);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        return new Expression.Issue(offset, line, offset - before.lastIndexOf('\n'), message);
    }

    boolean isPerTable() {
        return parts.stream()
                .anyMatch(part ->
                        part instanceof Part.Value value && value.expression().isPerTable());
    }

    String text(Facts facts) throws Expression.Failed {
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(
                    switch (part) {
                        case Part.Words words -> words.words();
                        case Part.Value value -> value.expression().text(facts);
                    });
        }
        return text.toString();
    }
}
