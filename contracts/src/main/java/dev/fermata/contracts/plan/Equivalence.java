package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the steps of the plan lead to the same as the author's statements, run one after the other as they are written:
 * the same catalog and the same rows in every table. Both ran on clones that began as the same.
 *
 * @param compared whether the two could be compared
 * @param whyNot why they could not; null when they were
 * @param differences what is not the same, for people; empty when all is. Never a value of a row
 * @param columnOrder tables whose columns are the same in another order, which only {@code SELECT *} and {@code INSERT}
 *     without a list of columns can tell
 * @param asWritten how long the author's statements took as they are written; null where they were not run
 */
public record Equivalence(
        boolean compared,
        @Nullable String whyNot,
        List<String> differences,
        List<String> columnOrder,
        @Nullable Duration asWritten) {
    public Equivalence {
        differences = Fields.copy(differences);
        columnOrder = Fields.copy(columnOrder);
        if (compared == (whyNot != null)) {
            throw new IllegalArgumentException("equivalence.whyNot: "
                    + (compared ? "'" + whyNot + "' (expected: none, as the two were compared)" : "missing"));
        }
    }

    /** The two were not compared. */
    public static Equivalence notCompared(String why) {
        return new Equivalence(false, Fields.text(why, "equivalence.whyNot"), List.of(), List.of(), null);
    }
}
