package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.plan.StepKind;
import java.util.ArrayList;
import java.util.List;

/** A plan for people: every step with its SQL, its reason and its way back. */
final class PlanPage {
    private PlanPage() {}

    /** @param written the author's statements, that steps have the numbers of */
    static String of(JsonNode plan, String digest, JsonNode rehearsal, List<String> written) {
        Page page = new Page();
        page.heading("plan " + digest);
        page.fact("run", plan.path("runId"));
        page.fact("strategy", plan.path("strategy"));
        page.fact(
                "rollback",
                plan.path("rollback").path("source").asText().equals("author") ? "the author's own" : "generated");
        page.fact(
                "lock budget",
                Times.took(plan.path("settings").path("lockTimeout").asText()) + " per attempt, "
                        + plan.path("settings").path("lockAttempts").asText() + " attempts");
        addSteps(page, plan, List.of(), written);
        ImpactPage.addRedFlags(page, plan);
        addRehearsal(page, rehearsal);
        return page.toString();
    }

    /**
     * @param progress of each step that has begun, as REST tells it
     * @param written the author's statements; empty where they are shown elsewhere
     */
    static void addSteps(Page page, JsonNode plan, Iterable<JsonNode> progress, List<String> written) {
        int shown = -1;
        int waits = plan.path("contractFrom").asInt(Integer.MAX_VALUE);
        for (JsonNode step : plan.path("steps")) {
            int no = step.path("no").asInt();
            if (no == waits) {
                page.heading("from here on it waits until nobody uses the old names: fermata wo contract ID");
            }
            int origin = step.path("origin").asInt();
            if (origin != shown && origin >= 0 && origin < written.size()) {
                page.heading("statement " + (origin + 1) + ", as it is written");
                page.block("    ", Plain.lines(written.get(origin)) + ";");
                shown = origin;
            }
            page.heading("step " + no + ": " + step.path("phase").asText() + ", "
                    + step.path("kind").asText() + ", " + (step.path("online").asBoolean() ? "online" : "NOT online")
                    + state(no, progress));
            step.path("sql").forEach(sql -> page.block("    ", Plain.lines(sql.asText()) + ";"));
            page.fact("why", step.path("reason"));
            page.fact("locks", locks(step));
            if (step.path("kind").asText().equals(StepKind.AUTOCOMMIT.wire())) { // the others write it down themselves
                step.path("verify").forEach(query -> page.fact("done when", Plain.line(query.asText())));
            }
            addInverse(page, step.path("inverse"));
        }
        JsonNode own = plan.path("rollback").path("steps");
        if (!own.isEmpty()) {
            page.heading("the author's way back");
            own.forEach(step -> step.path("sql").forEach(sql -> page.block("    ", Plain.lines(sql.asText()) + ";")));
        }
    }

    private static String state(int no, Iterable<JsonNode> progress) {
        for (JsonNode step : progress) {
            if (step.path("step").asInt() == no) {
                String done = step.path("total").asLong(-1) > 0
                        ? " "
                                + step.path("done").asLong()
                                        * 100
                                        / step.path("total").asLong() + " %"
                        : "";
                String took = step.has("elapsedMillis")
                        ? " in "
                                + Times.took(java.time.Duration.ofMillis(
                                        step.path("elapsedMillis").asLong()))
                        : "";
                return " [" + step.path("state").asText() + done + took + "]";
            }
        }
        return "";
    }

    private static String locks(JsonNode step) {
        List<String> locks = new ArrayList<>();
        step.path("locks")
                .forEach(lock -> locks.add(lock.path("mode").asText() + " on "
                        + lock.path("relation").asText()));
        return String.join("; ", locks);
    }

    private static void addInverse(Page page, JsonNode inverse) {
        if (inverse.isMissingNode() || inverse.isNull()) {
            return;
        }
        List<String> sql = new ArrayList<>();
        inverse.path("units")
                .forEach(unit -> unit.path("sql").forEach(each -> sql.add(Plain.line(each.asText()) + ";")));
        page.fact(
                "way back",
                (sql.isEmpty() ? "nothing to do" : String.join(" ", sql))
                        + (inverse.path("lossless").asBoolean()
                                ? ""
                                : " LOSES: " + inverse.path("note").asText()));
    }

    static void addRehearsal(Page page, JsonNode rehearsal) {
        if (rehearsal.isMissingNode() || rehearsal.isNull()) {
            return;
        }
        RehearsalPage.add(page, rehearsal);
        addQueryGuard(page, rehearsal.path("queryGuard"));
    }

    private static void addQueryGuard(Page page, JsonNode guard) {
        if (guard.isMissingNode() || guard.isNull()) {
            return;
        }
        page.heading("queries of the application, planned before and after");
        if (guard.path("looked").asBoolean()) {
            page.line("- " + guard.path("queries").asInt() + " touch the tables, "
                    + guard.path("changes").size() + " are worse off");
        }
        if (guard.hasNonNull("why")) {
            page.line("- " + Plain.line(guard.path("why").asText()));
        }
        for (JsonNode change : guard.path("changes")) {
            page.line("- " + change.path("effect").asText() + ", "
                    + change.path("calls").asLong() + " calls: "
                    + Plain.line(change.path("what").asText()));
            page.block("      ", Plain.line(change.path("sql").asText()));
        }
    }
}
