package dev.fermata.contracts.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.fermata.contracts.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What takes a step back.
 *
 * @param units in the order to run; empty where nothing is to be done, as what the step made goes with an earlier one's
 * @param lossless whether neither old data nor what the application wrote meanwhile is lost
 * @param note what is lost when it is not, null otherwise
 * @param leaves identities, as in a catalog snapshot, of what does not get its old definition again, such as an enum type
 *     that keeps a value, or a table whose columns come back in another order
 */
public record Inverse(
        List<Unit> units, boolean lossless, @Nullable String note, List<String> leaves) {
    public Inverse {
        units = Fields.copy(units);
        leaves = Fields.copy(leaves);
        if (!lossless && note == null) {
            throw new IllegalArgumentException(
                    "inverse.note: missing (expected: what a rollback loses, as it is not lossless)");
        }
    }

    /** One that leaves nothing behind. */
    public Inverse(List<Unit> units, boolean lossless, @Nullable String note) {
        this(units, lossless, note, List.of());
    }

    /** Nothing is to be done. */
    public static Inverse nothing() {
        return new Inverse(List.of(), true, null);
    }

    /** One transaction that loses nothing. */
    public static Inverse transaction(String... sql) {
        return new Inverse(List.of(Unit.transaction(sql)), true, null);
    }

    /** All statements, in the order to run. */
    @JsonIgnore
    public List<String> sql() {
        return units.stream().flatMap(unit -> unit.sql().stream()).toList();
    }
}
