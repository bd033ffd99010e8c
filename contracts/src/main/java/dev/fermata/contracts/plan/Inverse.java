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
 */
public record Inverse(
        List<Unit> units, boolean lossless, @Nullable String note) {
    public Inverse {
        units = Fields.copy(units);
        if (!lossless && note == null) {
            throw new IllegalArgumentException(
                    "inverse.note: missing (expected: what a rollback loses, as it is not lossless)");
        }
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
