package dev.fermata.cli.lint;

import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.cli.client.Plain;
import dev.fermata.cli.client.Terminal;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.impact.RiskLevel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Findings as people read them: where, what, the line with a mark under it, the locks, why, and what to write instead.
 */
final class LintText {
    private static final int WIDEST_SOURCE = 110;

    private LintText() {}

    static String of(LintReport report) {
        StringBuilder text = new StringBuilder();
        for (LintedFile file : report.files()) {
            LintedFile.Unreadable error = file.error();
            if (error != null) {
                text.append(file.path())
                        .append(error.line() > 0 ? ":" + error.line() + ":" + Math.max(1, error.column()) : "")
                        .append(": ")
                        .append(Terminal.severity("error"))
                        .append(' ')
                        .append(Plain.line(error.message()))
                        .append("\n\n");
            }
            Set<String> explained = new HashSet<>();
            for (LintedFile.Statement statement : file.statements()) {
                for (Finding finding : statement.findings()) {
                    append(text, file, statement, finding, explained.add(finding.rule()));
                }
            }
        }
        return text.append(summary(report)).toString();
    }

    private static void append(
            StringBuilder text, LintedFile file, LintedFile.Statement statement, Finding finding, boolean first) {
        text.append(file.path())
                .append(':')
                .append(finding.line())
                .append(':')
                .append(finding.column())
                .append(": ")
                .append(Terminal.severity(finding.severity().wire()))
                .append(' ')
                .append(finding.rule())
                .append("\n  ")
                .append(Plain.line(finding.message()))
                .append('\n');
        excerpt(text, statement, finding);
        List<RelationLock> blocking = statement.locks().stream()
                .filter(lock -> !lock.blocks().isEmpty())
                .toList();
        if (!blocking.isEmpty()) {
            field(text, "lock", locks(blocking));
        }
        if (first) {
            field(text, "why", finding.why());
        }
        String fix = finding.fix();
        String safer = finding.safer();
        if (safer != null && (first || fix == null)) {
            field(text, "safer", safer);
        }
        if (fix != null) {
            text.append("  write:\n");
            fix.lines()
                    .forEach(line ->
                            text.append("      ").append(Plain.lines(line)).append('\n'));
        }
        text.append('\n');
    }

    private static void excerpt(StringBuilder text, LintedFile.Statement statement, Finding finding) {
        List<String> lines = statement.sql().lines().toList();
        int number = finding.line() - statement.line();
        if (number < 0 || number >= lines.size()) {
            return;
        }
        int column = finding.column() - (number == 0 ? statement.column() : 1);
        String line = lines.get(number);
        int from = column > WIDEST_SOURCE - 20 ? column - 20 : 0;
        String shown = line.substring(Math.min(from, line.length()), Math.min(line.length(), from + WIDEST_SOURCE));
        String margin = String.format(Locale.ROOT, "%6d | ", finding.line());
        text.append(margin).append(Plain.lines(shown.replace('\t', ' '))).append('\n');
        text.append(" ".repeat(margin.length() - 2))
                .append("| ")
                .append(" ".repeat(Math.max(0, column - from)))
                .append("^\n");
    }

    private static String locks(List<RelationLock> locks) {
        List<String> words = new ArrayList<>();
        for (RelationLock lock : locks) {
            words.add(lock.mode() + " on " + lock.relation() + " (blocks " + String.join(" and ", lock.blocks()) + ")");
        }
        return String.join(", ", words);
    }

    private static void field(StringBuilder text, String name, String value) {
        text.append("  ").append(name).append(": ").append(Plain.line(value)).append('\n');
    }

    private static String summary(LintReport report) {
        List<String> counts = new ArrayList<>();
        for (Map.Entry<RiskLevel, Integer> each : report.summary().findings().entrySet()) {
            if (each.getValue() > 0) {
                counts.addFirst(each.getValue() + " " + each.getKey().wire());
            }
        }
        int suppressed = report.summary().suppressed();
        int errors = report.summary().errors();
        return plural(report.summary().files(), "file") + ", "
                + plural(report.summary().statements(), "statement") + ": "
                + (counts.isEmpty() ? "nothing found" : String.join(", ", counts))
                + (suppressed > 0 ? "; " + suppressed + " suppressed" : "")
                + (errors > 0 ? "; " + plural(errors, "file") + " could not be read as SQL" : "");
    }

    private static String plural(int number, String word) {
        return number + " " + word + (number == 1 ? "" : "s");
    }
}
