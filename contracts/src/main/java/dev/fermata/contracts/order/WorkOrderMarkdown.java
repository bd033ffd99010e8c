package dev.fermata.contracts.order;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes an order as a Markdown document that reads well and means the same. */
final class WorkOrderMarkdown {
    /** Text that needs no quotes in YAML, nor any thought about whether it does. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9_@./-]*( [A-Za-z0-9_@./-]+)*");

    private static final Set<String> NOT_TEXT_UNQUOTED =
            Set.of("null", "true", "false", "yes", "no", "on", "off", "y", "n");

    private final StringBuilder out = new StringBuilder("---\n");

    private WorkOrderMarkdown() {}

    static String write(WorkOrder order) {
        return new WorkOrderMarkdown().document(order);
    }

    private String document(WorkOrder order) {
        line("name", order.name().matches("\\d+|-.*") ? quoted(order.name()) : value(order.name()));
        line("title", value(order.title()));
        if (order.category() != null) {
            line("category", value(order.category()));
        }
        line("author", value(order.author()));
        line(
                "targets",
                order.targets().stream().map(WorkOrderMarkdown::value).collect(Collectors.joining(", ", "[", "]")));
        line("strategy", order.strategy().wire());
        line("renames", order.renames().wire());
        line("rehearsal", "{clone: " + order.rehearsal().cloneBy().wire() + "}");
        line("backup", "{mode: " + order.backup().mode().wire() + "}");
        line("approval", "{policy: " + value(order.approval().policy()) + "}");
        if (order.window() != null) {
            line("window", window(order.window()));
        }
        line(
                "lock",
                "{timeout: " + Durations.format(order.lock().timeout()) + ", attempts: "
                        + order.lock().attempts() + "}");
        if (!order.probes().isEmpty()) {
            out.append("probes:\n");
            order.probes()
                    .forEach(probe -> out.append("  - ").append(probe(probe)).append('\n'));
        }
        line("soak", Durations.format(order.soak()));
        if (!order.labels().isEmpty()) {
            line("labels", labels(order.labels()));
        }
        sqlAndDescription(order);
        return out.toString();
    }

    /** What cannot stand in the body without changing there stands in the front matter, quoted. */
    private void sqlAndDescription(WorkOrder order) {
        StringBuilder body = new StringBuilder();
        if (surviveAsProse(order.description())) {
            body.append(order.description().isEmpty() ? "" : "\n" + order.description() + "\n");
        } else {
            line("description", quoted(order.description()));
        }
        body.append(blockOrKey("change", order.change()));
        body.append(blockOrKey("rollback", order.rollback()));
        out.append("---\n").append(body);
    }

    private String blockOrKey(String name, @Nullable String sql) {
        if (sql == null) {
            return "";
        }
        if (sql.indexOf('\r') >= 0 && !SqlReader.namesFile(sql)) {
            line(name, quoted(sql));
            return "";
        }
        String fence = "`".repeat(Math.max(3, longestRunOfBackticks(sql) + 1));
        return "\n" + fence + "sql " + name + "\n" + sql + "\n" + fence + "\n";
    }

    private static boolean surviveAsProse(String description) {
        if (description.indexOf('\r') >= 0) {
            return false;
        }
        Problems problems = new Problems("");
        MarkdownDocument body = MarkdownDocument.body("\n" + description + "\n", 1, problems);
        return problems.isEmpty()
                && body.blocks("change").isEmpty()
                && body.blocks("rollback").isEmpty()
                && body.description().equals(description);
    }

    private static int longestRunOfBackticks(String text) {
        return Pattern.compile("`+")
                .matcher(text)
                .results()
                .mapToInt(run -> run.end() - run.start())
                .max()
                .orElse(0);
    }

    private static String window(WorkOrder.Window window) {
        StringJoiner keys = new StringJoiner(", ", "{", "}");
        if (window.notBefore() != null) {
            keys.add("notBefore: " + window.notBefore());
        }
        if (window.notAfter() != null) {
            keys.add("notAfter: " + window.notAfter());
        }
        if (window.cron() != null) {
            keys.add("cron: " + quoted(window.cron()));
        }
        if (window.duration() != null) {
            keys.add("duration: " + Durations.format(window.duration()));
        }
        if (window.zone() != null) {
            keys.add("zone: " + value(window.zone()));
        }
        return keys.toString();
    }

    private static String probe(WorkOrder.Probe probe) {
        StringJoiner keys = new StringJoiner(", ", "{", "}").add("name: " + value(probe.name()));
        if (probe.sql() != null) {
            keys.add("sql: " + quoted(probe.sql()));
        }
        if (probe.http() != null) {
            keys.add("http: " + quoted(probe.http()));
        }
        if (probe.promql() != null) {
            keys.add("promql: " + quoted(probe.promql()));
        }
        if (probe.maxMillis() != null) {
            keys.add("maxMillis: " + probe.maxMillis());
        }
        return keys.toString();
    }

    private static String labels(Map<String, String> labels) {
        List<String> pairs = labels.entrySet().stream()
                .map(label -> value(label.getKey()) + ": " + value(label.getValue()))
                .toList();
        return "{" + String.join(", ", pairs) + "}";
    }

    private void line(String key, String value) {
        out.append(key).append(": ").append(value).append('\n');
    }

    private static String value(String text) {
        boolean plain = PLAIN.matcher(text).matches() && !NOT_TEXT_UNQUOTED.contains(text.toLowerCase(Locale.ROOT));
        return plain ? text : quoted(text);
    }

    /** Double-quoted YAML; what is not printable everywhere is escaped. */
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (mustBeEscaped(c)) {
                        quoted.append(String.format(c > 0xFFFF ? "\\U%08X" : "\\u%04X", c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean mustBeEscaped(int c) {
        return c < 0x20
                || (c >= 0x7F && c <= 0xA0)
                || c == 0x2028
                || c == 0x2029
                || c == 0xFEFF
                || (c >= 0xD800 && c <= 0xDFFF)
                || c == 0xFFFE
                || c == 0xFFFF;
    }
}
