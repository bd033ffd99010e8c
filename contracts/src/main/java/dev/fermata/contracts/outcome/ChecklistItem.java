package dev.fermata.contracts.outcome;

import dev.fermata.contracts.Fields;
import org.jspecify.annotations.Nullable;

/**
 * A line of the checklist that existing work-order documents carry.
 *
 * @param phase {@code before}, {@code during}, {@code after} or {@code criteria}
 * @param done true, false, or null when it does not apply (the evidence says why)
 */
public record ChecklistItem(
        String phase, String item, @Nullable Boolean done, String evidence) {
    public ChecklistItem {
        Fields.text(phase, "checklist.phase");
        Fields.text(item, "checklist.item");
        evidence = evidence == null ? "" : evidence;
    }
}
