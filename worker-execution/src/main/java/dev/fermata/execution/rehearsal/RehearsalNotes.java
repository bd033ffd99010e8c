package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.Failure;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.execution.verify.CatalogChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a rehearsal has found out so far. */
final class RehearsalNotes {
    final Timings forward = new Timings();
    final Timings back = new Timings();
    final List<RollbackTrial> ways = new ArrayList<>();
    List<ValidationResult> validations = List.of();
    List<String> differences = List.of();
    List<String> byTriggers = List.of();

    @Nullable
    QueryGuard queries;

    @Nullable
    Equivalence equivalence;

    WayBack.@Nullable Start start;

    @Nullable
    CatalogChange change;

    RehearsalReport.@Nullable Halfway halfway;

    WayBack.Start start() {
        if (start == null) {
            throw new IllegalStateException("what the clone was like at first was not read");
        }
        return start;
    }

    CatalogChange change() {
        if (change == null) {
            throw new IllegalStateException("what the steps changed was not read");
        }
        return change;
    }

    /** @param failure what did not go as it must; null where all did */
    RehearsalReport report(Clone clone, @Nullable Failure failure, Duration elapsed) {
        return new RehearsalReport(
                clone.kind(),
                failure == null,
                failure,
                forward.timings(),
                back.timings(),
                validations,
                differences,
                change == null ? null : change.fingerprint(),
                elapsed,
                change == null ? List.of() : List.copyOf(change.after().keySet()),
                queries,
                equivalence,
                ways,
                WayBack.better(ways),
                Stream.concat(clone.notes().stream(), byTriggers.stream()).toList(),
                halfway);
    }
}
