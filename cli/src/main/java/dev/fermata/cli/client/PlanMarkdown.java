package dev.fermata.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A plan as Markdown, to be put into an issue or a pull request. */
final class PlanMarkdown {
    private PlanMarkdown() {}

    /** @param written the author's statements, that steps have the numbers of */
    static String of(JsonNode plan, String digest, List<String> written) {
        StringBuilder text = new StringBuilder();
        text.append("### Plan `").append(digest).append("`\n\n");
        text.append("| step | phase | kind | online | what | way back |\n|---|---|---|---|---|---|\n");
        for (JsonNode step : plan.path("steps")) {
            text.append("| ")
                    .append(step.path("no").asText())
                    .append(" | ")
                    .append(step.path("phase").asText())
                    .append(" | ")
                    .append(step.path("kind").asText())
                    .append(" | ")
                    .append(step.path("online").asBoolean() ? "yes" : "**no**")
                    .append(" | ")
                    .append(cell(step.path("reason").asText()))
                    .append(" | ")
                    .append(wayBack(step.path("inverse")))
                    .append(" |\n");
        }
        if (plan.hasNonNull("contractFrom")) {
            text.append("\nOld and new names both work after step ")
                    .append(plan.path("contractFrom").asInt() - 1)
                    .append("; the rest waits for `fermata wo contract ID`, until nobody uses the old names.\n");
        }
        int shown = -1;
        for (JsonNode step : plan.path("steps")) {
            int origin = step.path("origin").asInt();
            if (origin != shown && origin >= 0 && origin < written.size()) {
                text.append("\n#### Statement ").append(origin + 1).append(", as it is written\n\n```sql\n");
                text.append(Plain.lines(written.get(origin))).append(";\n```\n");
                shown = origin;
            }
            text.append("\n**Step ").append(step.path("no").asText()).append("**\n\n");
            fenced(text, step.path("sql"));
            step.path("inverse").path("units").forEach(unit -> {
                text.append("\nback:\n\n");
                fenced(text, unit.path("sql"));
            });
        }
        redFlags(text, plan.path("redFlags"));
        return text.toString().stripTrailing();
    }

    private static String wayBack(JsonNode inverse) {
        if (!inverse.isObject()) {
            return "only the author's";
        }
        return inverse.path("lossless").asBoolean()
                ? "loses nothing"
                : "**" + cell(inverse.path("note").asText()) + "**";
    }

    private static void fenced(StringBuilder text, JsonNode sql) {
        text.append("```sql\n");
        sql.forEach(each -> text.append(Plain.lines(each.asText())).append(";\n"));
        text.append("```\n");
    }

    private static void redFlags(StringBuilder text, JsonNode flags) {
        if (flags.isEmpty()) {
            return;
        }
        text.append("\n#### Red flags\n\n");
        flags.forEach(flag -> text.append("- **")
                .append(flag.path("severity").asText())
                .append("** ")
                .append(flag.path("code").asText())
                .append(": ")
                .append(Plain.line(flag.path("message").asText()))
                .append('\n'));
    }

    private static String cell(String text) {
        return Plain.line(text).replace("|", "\\|");
    }
}
