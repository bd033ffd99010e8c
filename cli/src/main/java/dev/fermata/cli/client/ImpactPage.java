package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
        if (!impact.path("validations").isEmpty()) {
            page.heading("validation queries, asked before and after");
            impact.path("validations")
                    .forEach(query -> page.line("- " + query.path("name").asText() + ": "
                            + query.path("expect").asText().replace('-', ' ')));
        }
        return page.toString();
    }

    /** A row for each statement with its locks. */
    static String statements(JsonNode impact) {
        Table table = new Table("NO", "KIND", "LOCKS", "BLOCKS", "NOTES", "SQL");
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
                    notes(statement),
                    Plain.shortened(Plain.line(statement.path("sql").asText()), LONGEST_SQL));
        }
        return table.toString();
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
        return notes.isEmpty() ? "-" : String.join(", ", notes);
    }

    private static String tables(JsonNode impact) {
        Table table = new Table("TABLE", "ROWS", "SIZE");
        for (JsonNode each : impact.path("tables")) {
            boolean created = each.path("created").asBoolean();
            long rows = each.path("estimatedRows").asLong();
            table.row(
                    each.path("schema").asText() + "." + each.path("name").asText(),
                    created ? "new" : rows < 0 ? "never analysed" : String.format(Locale.ROOT, "%,d", rows),
                    created ? "-" : size(each.path("totalBytes").asLong()));
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
