package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.plan.MeasuredSteps;
import dev.fermata.contracts.plan.RehearsalMarkdown;
import dev.fermata.contracts.plan.RehearsalReport;
import java.util.List;

/** A rehearsal for people. */
final class RehearsalPage {
    private RehearsalPage() {}

    /** For an issue; empty where nothing was rehearsed yet. */
    static String markdown(JsonNode rehearsal) {
        return rehearsal.isMissingNode() || rehearsal.isNull() ? "" : RehearsalMarkdown.of(read(rehearsal));
    }

    private static RehearsalReport read(JsonNode rehearsal) {
        return Json.mapper().convertValue(rehearsal, RehearsalReport.class);
    }

    static void add(Page page, JsonNode rehearsal) {
        page.heading("rehearsal");
        page.fact("clone", rehearsal.path("cloneKind"));
        rehearsal.path("cloneNotes").forEach(note -> page.fact("", note));
        page.fact(
                "result",
                rehearsal.path("passed").asBoolean() ? "passed: forward, back, compared, forward again" : "FAILED");
        page.fact("took", Times.took(rehearsal.path("elapsed").asText()));
        page.fact("failure", rehearsal.path("failure").path("message"));
        rehearsal.path("differences").forEach(difference -> page.fact("difference", difference));
        addEquivalence(page, rehearsal.path("equivalence"));
        addWaysBack(page, rehearsal);
        addSteps(page, rehearsal);
    }

    private static void addEquivalence(Page page, JsonNode equivalence) {
        if (equivalence.isMissingNode() || equivalence.isNull()) {
            return;
        }
        page.heading("compared with the change as it is written");
        if (!equivalence.path("compared").asBoolean()) {
            page.fact("not done", equivalence.path("whyNot"));
        } else if (equivalence.path("differences").isEmpty()) {
            page.line("- the plan leads to the same catalog and the same rows");
        }
        equivalence.path("differences").forEach(difference -> page.fact("DIFFERENT", difference));
        equivalence
                .path("columnOrder")
                .forEach(table -> page.line("- " + table.asText() + ": the same columns in another order"));
        if (equivalence.hasNonNull("asWritten")) {
            page.fact("took", Times.took(equivalence.path("asWritten").asText()) + " as it is written");
        }
    }

    private static void addWaysBack(Page page, JsonNode rehearsal) {
        if (rehearsal.path("rollbacks").isEmpty()) {
            return;
        }
        page.heading("ways back");
        String better = rehearsal.path("betterRollback").asText("");
        for (JsonNode way : rehearsal.path("rollbacks")) {
            String source = way.path("source").asText();
            String name = (source.equals("author") ? "the author's" : "generated")
                    + (source.equals(better) ? " (the better one)" : "");
            if (way.hasNonNull("failure")) {
                page.line("- " + name + ": FAILS: " + way.path("failure").asText());
            } else if (way.path("restores").asBoolean()) {
                page.line("- " + name + ": restores catalog and rows exactly");
            } else {
                page.line("- " + name + ": does NOT restore what was there");
                way.path("differences").forEach(difference -> page.line("    " + difference.asText()));
            }
        }
    }

    private static void addSteps(Page page, JsonNode rehearsal) {
        RehearsalReport report = read(rehearsal);
        List<List<String>> rows = MeasuredSteps.rows(report);
        if (rows.isEmpty()) {
            return;
        }
        page.heading("measured on the clone, beside a reader and a writer");
        Table table = new Table(MeasuredSteps.HEADINGS.toArray(String[]::new));
        rows.forEach(row -> table.row(row.toArray(String[]::new)));
        page.block("  ", table.toString());
        MeasuredSteps.scales(report).forEach(scale -> page.line("time on the target: " + scale));
    }
}
