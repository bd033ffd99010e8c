package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.SuppressedFinding;
import java.util.List;

/** What counts of all that was found, and what does not because somebody has said so. */
public record Judged(List<Finding> findings, List<SuppressedFinding> suppressed) {
    public Judged {
        findings = List.copyOf(findings);
        suppressed = List.copyOf(suppressed);
    }
}
