package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** All that is known about an order, on one page: what it is, where each run is, what happens next and who must act. */
final class OrderPage {
    private OrderPage() {}

    static String of(JsonNode order) {
        Page page = new Page();
        page.heading(order.path("id").asText() + "  "
                + Plain.line(order.path("title").asText()));
        page.fact("state", Terminal.state(order.path("state").asText()));
        page.fact("name", order.path("name"));
        page.fact("author", order.path("author"));
        page.fact("revision", order.path("revision"));
        page.fact("posted", Times.local(order.path("createdAt").asText()));
        page.fact("result", order.path("result"));
        String description = order.path("order").path("description").asText();
        if (!description.isBlank()) {
            page.heading("why").block("  ", Plain.lines(description.strip()));
        }
        page.heading("change")
                .block(
                        "    ",
                        Plain.lines(order.path("order").path("change").asText().strip()));
        order.path("runs").forEach(run -> addRun(page, order.path("id").asText(), run));
        return page.toString();
    }

    private static void addRun(Page page, String id, JsonNode run) {
        String target = run.path("target").asText();
        page.heading("=== run on " + target);
        page.fact("state", Terminal.state(run.path("state").asText()));
        page.fact("because", run.path("reason"));
        page.fact("next", run.path("waitingFor"));
        page.fact("risk", run.path("impact").path("risk"));
        page.fact("digest", run.path("planDigest"));
        page.fact(
                "review",
                run.path("state").asText().equals("awaiting-approval") ? "fermata wo plan " + id + "/" + target : "");
        if (run.has("impact")) {
            page.heading("statements").block("  ", ImpactPage.statements(run.path("impact")));
            ImpactPage.addFindings(page, run.path("impact"));
            ImpactPage.addSuppressed(page, run.path("impact"));
            ImpactPage.addRedFlags(page, run.path("impact"));
        }
        addFeedback(page, run.path("feedback"));
        if (run.has("plan")) {
            PlanPage.addSteps(page, run.path("plan"), run.path("steps"), List.of());
            ImpactPage.addRedFlags(page, run.path("plan"));
        }
        PlanPage.addRehearsal(page, run.path("rehearsal"));
        addApproval(page, run);
        addBackup(page, run.path("backup"));
        addOutcome(page, run.path("outcome"));
    }

    private static void addFeedback(Page page, JsonNode feedback) {
        if (feedback.isEmpty()) {
            return;
        }
        page.heading("changes requested");
        for (JsonNode each : feedback) {
            String at = each.has("line") ? "line " + each.path("line").asText() + ": " : "";
            page.line("- " + at + Plain.line(each.path("problem").asText()));
            if (each.has("instead")) {
                page.block(
                        "      ", "instead: " + Plain.lines(each.path("instead").asText()));
            }
        }
    }

    private static void addApproval(Page page, JsonNode run) {
        JsonNode asked = run.path("approval");
        JsonNode decision = run.path("decision");
        if (asked.isMissingNode() && decision.isMissingNode()) {
            return;
        }
        page.heading("approval");
        page.fact("question", asked.path("question"));
        asked.path("reasons").forEach(reason -> page.fact("asked as", reason));
        if (decision.isMissingNode()) {
            page.fact("expires", Times.local(asked.path("expiresAt").asText()));
            return;
        }
        page.fact(
                "answer",
                decision.path("decision").asText() + " by "
                        + decision.path("by").asText() + " at "
                        + Times.local(decision.path("at").asText()));
        page.fact("comment", decision.path("comment"));
    }

    private static void addBackup(Page page, JsonNode backup) {
        if (backup.isMissingNode()) {
            return;
        }
        page.heading("backup");
        page.fact("kept at", backup.path("location"));
        page.fact("taken", Times.local(backup.path("takenAt").asText()));
        backup.path("tables")
                .forEach(table -> page.fact(
                        "table",
                        table.path("name").asText() + ", " + table.path("rows").asText() + " rows, "
                                + ImpactPage.size(table.path("bytes").asLong())));
    }

    private static void addOutcome(Page page, JsonNode outcome) {
        if (outcome.isMissingNode()) {
            return;
        }
        page.heading("outcome");
        page.fact("result", Terminal.state(outcome.path("result").asText()));
        page.fact("summary", outcome.path("summary"));
        JsonNode cause = outcome.path("rootCause");
        if (cause.isObject()) {
            page.fact(
                    "root cause",
                    cause.path("code").asText() + ": " + cause.path("message").asText());
            cause.path("log").forEach(line -> page.fact("before", line));
        }
        outcome.path("nextSteps").forEach(step -> page.fact("next step", step));
        JsonNode total = outcome.path("metrics").path("totalMillis");
        page.fact("took", total.isNumber() ? Times.took(Duration.ofMillis(total.asLong())) : "");
        Table gates = new Table("GATE", "STATUS", "BY", "EVIDENCE");
        outcome.path("gates")
                .forEach(gate -> gates.row(
                        gate.path("name").asText(),
                        gate.path("status").asText(),
                        gate.path("by").asText("-"),
                        gate.path("evidence").asText()));
        page.heading("gates").block("  ", gates.toString());
        List<String> failed = new ArrayList<>();
        outcome.path("validations").forEach(validation -> {
            if (!validation.path("passed").asBoolean()) {
                failed.add(validation.path("name").asText() + ": "
                        + validation.path("before").asText("?") + " -> "
                        + validation.path("after").asText("?"));
            }
        });
        if (!failed.isEmpty()) {
            page.heading("validation queries that failed");
            failed.forEach(line -> page.line("- " + line));
        }
    }
}
