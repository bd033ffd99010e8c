package dev.fermata.analysis.rule;

import dev.fermata.contracts.impact.Finding;
import dev.fermata.contracts.impact.RiskLevel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One thing that can be wrong with a statement. */
interface Rule {
    /** What is found, at most once a statement. */
    Optional<Finding> look(Subject subject);

    /** Places a finding at its statement. */
    static Optional<Finding> found(
            Subject subject, String rule, RiskLevel severity, String message, String why, @Nullable String safer) {
        return Optional.of(new Finding(
                rule,
                severity,
                subject.statement().index(),
                subject.statement().line(),
                subject.statement().column(),
                message,
                why,
                safer,
                "docs/rules.md#" + rule));
    }
}
