package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of an {@link Inverse} that either happened or did not.
 *
 * @param sql what runs, in order; exactly one statement unless the kind is {@link StepKind#TRANSACTION}
 * @param verify queries that return true once it has happened
 * @param batching only for {@link StepKind#BATCHES}
 */
public record Unit(
        StepKind kind,
        List<String> sql,
        List<String> verify,
        @Nullable Batching batching) {
    public Unit {
        Fields.required(kind, "unit.kind");
        sql = Fields.copy(sql);
        verify = Fields.copy(verify);
        StepKind.check("unit", kind, sql, batching);
    }

    public static Unit transaction(String... sql) {
        return new Unit(StepKind.TRANSACTION, List.of(sql), List.of(), null);
    }

    /** @param verify a query that returns true once it has happened */
    public static Unit autocommit(String sql, String verify) {
        return new Unit(StepKind.AUTOCOMMIT, List.of(sql), List.of(verify), null);
    }

    public static Unit batches(String sql, Batching batching) {
        return new Unit(StepKind.BATCHES, List.of(sql), List.of(), batching);
    }
}
