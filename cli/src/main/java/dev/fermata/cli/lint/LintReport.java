package dev.fermata.cli.lint;

import dev.fermata.analysis.lint.LintedFile;
import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All files of one run; {@code -o json} prints it as it is. */
record LintReport(List<LintedFile> files, Summary summary) {
    LintReport {
        files = List.copyOf(files);
    }

    /**
     * @param errors files that could not be read as SQL
     * @param findings how many, by severity
     * @param rules how many, by rule
     * @param suppressed found, and let pass by comments or by the policy
     */
    record Summary(
            int files,
            int errors,
            int statements,
            Map<RiskLevel, Integer> findings,
            Map<String, Integer> rules,
            int suppressed) {}

    static LintReport of(List<LintedFile> files) {
        int statements = 0;
        int errors = 0;
        int suppressed = 0;
        Map<RiskLevel, Integer> bySeverity = new TreeMap<>();
        for (RiskLevel level : RiskLevel.values()) {
            bySeverity.put(level, 0);
        }
        Map<String, Integer> byRule = new TreeMap<>();
        for (LintedFile file : files) {
            statements += file.statements().size();
            errors += file.error() == null ? 0 : 1;
            suppressed += file.suppressed().size();
            for (Finding finding : file.findings()) {
                bySeverity.merge(finding.severity(), 1, Integer::sum);
                byRule.merge(finding.rule(), 1, Integer::sum);
            }
        }
        return new LintReport(files, new Summary(files.size(), errors, statements, bySeverity, byRule, suppressed));
    }

    boolean hasAtLeast(RiskLevel level) {
        return summary.findings().entrySet().stream()
                .anyMatch(entry -> entry.getKey().compareTo(level) >= 0 && entry.getValue() > 0);
    }
}
