package dev.fermata.contracts.plan;

import dev.fermata.contracts.impact.ValidationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A rehearsal as Markdown, for an issue or a pull request. Names from the database cannot break out of their cell. */
public final class RehearsalMarkdown {
    private static final String SIGNS = "\\`*_{}[]<>()#+!|~";

    private RehearsalMarkdown() {}

    /** Headings of the third level and below; ends with a line end. */
    public static String of(RehearsalReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("### Rehearsal: " + (report.passed() ? "passed" : "failed"));
        lines.add("");
        lines.add((report.passed() ? "Forward, validated, back, compared, forward again" : "Tried") + " on a clone ("
                + text(report.cloneKind()) + ") in " + MeasuredSteps.took(report.elapsed()) + ".");
        report.cloneNotes().forEach(note -> lines.add("- " + text(note)));
        if (report.failure() != null) {
            lines.add("");
            lines.add("**" + text(report.failure().message()) + "**");
        }
        list(lines, "What the rollback left different", report.differences());
        equivalence(lines, report.equivalence());
        ways(lines, report);
        steps(lines, report);
        validations(lines, report.validations());
        guard(lines, report.queryGuard());
        return String.join("\n", lines) + "\n";
    }

    private static void list(List<String> lines, String heading, List<String> items) {
        if (!items.isEmpty()) {
            heading(lines, heading);
            items.forEach(item -> lines.add("- " + text(item)));
        }
    }

    private static void heading(List<String> lines, String heading) {
        lines.add("");
        lines.add("#### " + heading);
        lines.add("");
    }

    private static void equivalence(List<String> lines, @Nullable Equivalence equivalence) {
        if (equivalence == null) {
            return;
        }
        heading(lines, "Compared with the change as it is written");
        if (!equivalence.compared()) {
            lines.add("Not compared: " + text(String.valueOf(equivalence.whyNot())));
        } else if (equivalence.differences().isEmpty()) {
            lines.add("The plan leads to the same catalog and the same rows.");
        } else {
            lines.add("**The plan leads to something else:**");
            equivalence.differences().forEach(difference -> lines.add("- " + text(difference)));
        }
        equivalence
                .columnOrder()
                .forEach(table -> lines.add("- " + text(table) + ": the same columns in another order"));
        if (equivalence.asWritten() != null) {
            lines.add("- as it is written it took " + MeasuredSteps.took(equivalence.asWritten()));
        }
    }

    private static void ways(List<String> lines, RehearsalReport report) {
        if (report.rollbacks().isEmpty()) {
            return;
        }
        heading(lines, "Ways back");
        for (RollbackTrial way : report.rollbacks()) {
            lines.add("- " + name(way.source()) + (way.source() == report.betterRollback() ? " (the better one)" : "")
                    + ": " + result(way));
        }
    }

    private static String name(Plan.Source source) {
        return source == Plan.Source.AUTHOR ? "the author's" : "generated from the steps";
    }

    private static String result(RollbackTrial way) {
        if (way.failure() != null) {
            return "fails: " + text(way.failure());
        }
        return way.restores()
                ? "restores catalog and rows exactly, in " + MeasuredSteps.took(way.elapsed())
                : "does **not** restore what was there: "
                        + way.differences().stream()
                                .map(RehearsalMarkdown::text)
                                .collect(Collectors.joining("; "));
    }

    private static void steps(List<String> lines, RehearsalReport report) {
        List<List<String>> rows = MeasuredSteps.rows(report);
        if (rows.isEmpty()) {
            return;
        }
        heading(lines, "Measured on the clone");
        lines.add("| " + String.join(" | ", MeasuredSteps.HEADINGS) + " |");
        lines.add("|" + " --- |".repeat(MeasuredSteps.HEADINGS.size()));
        rows.forEach(row ->
                lines.add(row.stream().map(RehearsalMarkdown::text).collect(Collectors.joining(" | ", "| ", " |"))));
        lines.add("");
        lines.add("WAL is the whole server's meanwhile.");
        MeasuredSteps.scales(report).forEach(scale -> lines.add("- time on the target: " + text(scale)));
    }

    private static void validations(List<String> lines, List<ValidationResult> validations) {
        list(
                lines,
                "Validation queries",
                validations.stream()
                        .map(result -> result.name() + ": " + (result.passed() ? "passed" : "FAILED"))
                        .toList());
    }

    private static void guard(List<String> lines, @Nullable QueryGuard guard) {
        if (guard == null) {
            return;
        }
        heading(lines, "Queries of the application");
        if (guard.looked()) {
            lines.add(guard.queries() + " touch the tables, " + guard.changes().size() + " are worse off.");
        }
        if (guard.why() != null) {
            lines.add("- " + text(guard.why()));
        }
        guard.changes()
                .forEach(change -> lines.add("- " + change.effect().wire() + ", " + change.calls() + " calls: "
                        + text(change.what()) + ": " + text(change.sql())));
    }

    /** On one line, with every sign that means something escaped. */
    private static String text(String plain) {
        StringBuilder out = new StringBuilder(plain.length());
        plain.strip().replaceAll("\\s*\\R\\s*", " ").codePoints().forEach(c -> {
            if (c < 128 && SIGNS.indexOf(c) >= 0) {
                out.append('\\');
            }
            if (!Character.isISOControl(c)) {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
