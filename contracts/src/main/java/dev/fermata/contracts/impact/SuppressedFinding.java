package dev.fermata.contracts.impact;

import dev.fermata.contracts.Fields;

/**
 * What was found and is not held against the change, because somebody has said so.
 *
 * @param by where that is said, such as {@code fermata-policy.yaml:12} or {@code comment in line 3}
 * @param reason in the words of whoever said it
 */
public record SuppressedFinding(Finding finding, String by, String reason) {
    public SuppressedFinding {
        Fields.required(finding, "suppressed.finding");
        Fields.text(by, "suppressed.by");
        Fields.text(reason, "suppressed.reason");
    }
}
