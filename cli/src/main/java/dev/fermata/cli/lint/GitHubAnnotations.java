package dev.fermata.cli.lint;

import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;

/**
 * Findings as workflow commands of GitHub Actions, which shows them beside the changed lines. Source: "Workflow commands
 * for GitHub Actions", setting an error, warning or notice message.
 */
final class GitHubAnnotations {
    private GitHubAnnotations() {}

    static String of(LintReport report) {
        StringBuilder lines = new StringBuilder();
        for (LintedFile file : report.files()) {
            LintedFile.Unreadable error = file.error();
            if (error != null) {
                lines.append(command(
                        "error", file.path(), error.line(), error.column(), "not readable as SQL", error.message()));
            }
            for (Finding finding : file.findings()) {
                String fix = finding.fix();
                lines.append(command(
                        level(finding.severity()),
                        file.path(),
                        finding.line(),
                        finding.column(),
                        finding.rule(),
                        finding.message() + "\n" + finding.why()
                                + (fix == null ? "\nSafer: " + finding.safer() : "\nWrite:\n" + fix)));
            }
        }
        return lines.toString();
    }

    private static String level(RiskLevel severity) {
        return switch (severity) {
            case LOW -> "notice";
            case MEDIUM -> "warning";
            case HIGH, CRITICAL -> "error";
        };
    }

    private static String command(String level, String path, int line, int column, String title, String message) {
        return "::" + level + " file=" + property(path)
                + (line > 0 ? ",line=" + line : "")
                + (column > 0 ? ",col=" + column : "")
                + ",title=" + property(title) + "::" + data(message) + "\n";
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
