package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** An impact report for people. */
final class ImpactPage {
    private static final int LONGEST_SQL = 60;

    private ImpactPage() {}

    static String of(JsonNode impact) {
        Page page = new Page();
        page.heading("risk " + impact.path("risk").asText() + " on "
                + impact.path("environment").asText());
        impact.path("riskReasons").forEach(reason -> page.line("- " + reason.asText()));
        page.heading("statements").block("  ", statements(impact));
        if (!impact.path("tables").isEmpty()) {
            page.heading("tables").block("  ", tables(impact));
        }
        addFindings(page, impact);
        addSuppressed(page, impact);
        addRedFlags(page, impact);
        addList(page, impact.path("dataChecks"), "rows of today against the change", ImpactPage::dataCheck);
        addList(page, impact.path("compatibility"), "the application as it is", ImpactPage::compatibility);
        addList(page, impact.path("dependants"), "what depends on these tables", ImpactPage::dependant);
        addList(page, impact.path("unseen"), "not seen", ImpactPage::unseen);
        if (!impact.path("validations").isEmpty()) {
            page.heading("validation queries, asked before and after");
            impact.path("validations")
                    .forEach(query -> page.line("- " + query.path("name").asText() + ": "
                            + query.path("expect").asText().replace('-', ' ')));
        }
        return page.toString();
    }

    private static void addList(Page page, JsonNode list, String heading, Function<JsonNode, String> line) {
        if (!list.isEmpty()) {
            page.heading(heading);
            list.forEach(one -> page.line("- " + line.apply(one)));
        }
    }

    private static String dataCheck(JsonNode check) {
        return "statement " + (check.path("statement").asInt() + 1) + ": "
                + Plain.line(check.path("text").asText());
    }

    private static String compatibility(JsonNode note) {
        return "statement " + (note.path("statement").asInt() + 1) + ": "
                + Plain.line(note.path("what").asText());
    }

    private static String dependant(JsonNode dependant) {
        List<String> columns = new ArrayList<>();
        dependant.path("columns").forEach(column -> columns.add(column.asText()));
        return dependant.path("kind").asText() + " " + dependant.path("name").asText() + " uses "
                + dependant.path("relation").asText()
                + (columns.isEmpty() ? "" : " (" + String.join(", ", columns) + ")")
                + (dependant.path("certain").asBoolean() ? "" : ", as far as its text tells");
    }

    private static String unseen(JsonNode unseen) {
        return unseen.path("what").asText() + ": " + unseen.path("remedy").asText();
    }

    /** A row for each statement with its locks. */
    static String statements(JsonNode impact) {
        Table table = new Table("NO", "KIND", "LOCKS", "BLOCKS", "TAKES", "NOTES", "SQL");
        for (JsonNode statement : impact.path("statements")) {
            List<String> locks = new ArrayList<>();
            List<String> blocks = new ArrayList<>();
            for (JsonNode lock : statement.path("locks")) {
                locks.add(lock.path("mode").asText() + " on "
                        + lock.path("relation").asText());
                lock.path("blocks").forEach(blocked -> {
                    if (!blocks.contains(blocked.asText())) {
                        blocks.add(blocked.asText());
                    }
                });
            }
            table.row(
                    Integer.toString(statement.path("index").asInt() + 1),
                    statement.path("kind").asText(),
                    locks.isEmpty() ? "none" : String.join("; ", locks),
                    blocks.isEmpty() ? "nothing" : String.join(" and ", blocks),
                    takes(statement.path("estimate")),
                    notes(statement),
                    Plain.shortened(Plain.line(statement.path("sql").asText()), LONGEST_SQL));
        }
        return table.toString();
    }

    /** The range, as the figure in the middle alone would promise too much. */
    private static String takes(JsonNode estimate) {
        if (estimate.isMissingNode() || estimate.isNull()) {
            return "unknown";
        }
        Duration most = Duration.parse(estimate.path("most").asText());
        return most.toMillis() < 100
                ? "a moment"
                : seconds(Duration.parse(estimate.path("least").asText())) + " to " + seconds(most);
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() >= 120
                ? duration.toMinutes() + " min"
                : String.format(
                        Locale.ROOT, duration.toSeconds() >= 10 ? "%.0f s" : "%.1f s", duration.toMillis() / 1000.0);
    }

    private static String notes(JsonNode statement) {
        List<String> notes = new ArrayList<>();
        if (statement.path("rewrites").asBoolean()) {
            notes.add("rewrites");
        }
        if (statement.path("scans").asBoolean()) {
            notes.add("scans");
        }
        if (!statement.path("runsInTransaction").asBoolean(true)) {
            notes.add("not in a transaction");
        }
        statement.path("notes").forEach(note -> notes.add(Plain.line(note.asText())));
        return notes.isEmpty() ? "-" : String.join(", ", notes);
    }

    private static String tables(JsonNode impact) {
        Table table = new Table("TABLE", "ROWS", "SIZE", "DEAD ROWS", "WRITES/S");
        for (JsonNode each : impact.path("tables")) {
            boolean created = each.path("created").asBoolean();
            long rows = each.path("estimatedRows").asLong();
            table.row(
                    each.path("schema").asText() + "." + each.path("name").asText(),
                    created ? "new" : rows < 0 ? "never analysed" : String.format(Locale.ROOT, "%,d", rows),
                    created ? "-" : size(each.path("totalBytes").asLong()),
                    created
                            ? "-"
                            : String.format(
                                    Locale.ROOT, "%,d", each.path("deadRows").asLong()),
                    each.path("writesPerSecond").asDouble(-1) < 0 || created
                            ? "-"
                            : String.format(
                                    Locale.ROOT,
                                    "%.1f",
                                    each.path("writesPerSecond").asDouble()));
        }
        return table.toString();
    }

    static String size(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }

    static void addFindings(Page page, JsonNode impact) {
        if (impact.path("findings").isEmpty()) {
            return;
        }
        page.heading("findings");
        for (JsonNode finding : impact.path("findings")) {
            page.line(finding.path("severity").asText() + " "
                    + finding.path("rule").asText() + " at line "
                    + finding.path("line").asText() + ": "
                    + Plain.line(finding.path("message").asText()));
            page.block("      ", "why: " + Plain.line(finding.path("why").asText()));
            if (finding.has("safer")) {
                page.block(
                        "      ", "safer: " + Plain.lines(finding.path("safer").asText()));
            }
        }
    }

    /** What the policy lets pass, so that whoever approves sees it too. */
    static void addSuppressed(Page page, JsonNode impact) {
        if (impact.path("suppressed").isEmpty()) {
            return;
        }
        page.heading("suppressed by the policy");
        for (JsonNode one : impact.path("suppressed")) {
            JsonNode finding = one.path("finding");
            page.line(finding.path("severity").asText() + " "
                    + finding.path("rule").asText() + " at line "
                    + finding.path("line").asText() + ": "
                    + Plain.line(finding.path("message").asText()));
            page.block(
                    "      ",
                    "reason: " + Plain.line(one.path("reason").asText()) + " ("
                            + Plain.line(one.path("by").asText()) + ")");
        }
    }

    static void addRedFlags(Page page, JsonNode holder) {
        if (holder.path("redFlags").isEmpty()) {
            return;
        }
        page.heading("red flags");
        holder.path("redFlags")
                .forEach(flag -> page.line(
                        flag.path("severity").asText() + " " + flag.path("code").asText() + ": "
                                + Plain.line(flag.path("message").asText())));
    }
}
