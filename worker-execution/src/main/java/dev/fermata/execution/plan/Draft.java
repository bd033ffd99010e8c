package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step before it is numbered.
 *
 * @param online whether it neither rewrites nor scans under a lock that makes the application wait
 * @param verify queries that return true once it has happened
 * @param waits until nobody uses the old name any more
 * @param flags what people should know of it beside how it is taken back
 */
record Draft(
        Phase phase,
        StepKind kind,
        List<String> sql,
        boolean online,
        String reason,
        Undo undo,
        List<String> verify,
        @Nullable Batching batching,
        boolean waits,
        List<RedFlag> flags) {
    Draft {
        sql = List.copyOf(sql);
        verify = List.copyOf(verify);
        flags = List.copyOf(flags);
    }

    Draft(
            Phase phase,
            StepKind kind,
            List<String> sql,
            boolean online,
            String reason,
            Undo undo,
            List<String> verify,
            @Nullable Batching batching) {
        this(phase, kind, sql, online, reason, undo, verify, batching, false, List.of());
    }

    /** Something that nobody waits for. */
    static Draft transaction(Phase phase, String reason, Undo undo, List<String> sql) {
        return new Draft(phase, StepKind.TRANSACTION, sql, true, reason, undo, List.of(), null);
    }

    /** Something that nobody waits for. */
    static Draft transaction(Phase phase, String reason, Undo undo, String... sql) {
        return transaction(phase, reason, undo, List.of(sql));
    }

    static Draft autocommit(Phase phase, String reason, Undo undo, String sql, String verify) {
        return new Draft(phase, StepKind.AUTOCOMMIT, List.of(sql), true, reason, undo, List.of(verify), null);
    }

    static Draft batches(Phase phase, String reason, Undo undo, String sql, Batching batching) {
        return new Draft(phase, StepKind.BATCHES, List.of(sql), true, reason, undo, List.of(), batching);
    }

    /** It scans or rewrites under its lock. */
    Draft blocking() {
        return new Draft(phase, kind, sql, false, reason, undo, verify, batching, waits, flags);
    }

    Draft with(List<String> other) {
        return new Draft(phase, kind, other, online, reason, undo, verify, batching, waits, flags);
    }

    Draft takenBackBy(Undo other) {
        return new Draft(phase, kind, sql, online, reason, other, verify, batching, waits, flags);
    }

    Draft in(Phase other) {
        return new Draft(other, kind, sql, online, reason, undo, verify, batching, waits, flags);
    }

    /** Not before people say that nobody uses the old name any more. */
    Draft waiting() {
        return new Draft(phase, kind, sql, online, reason, undo, verify, batching, true, flags);
    }

    Draft flagged(RedFlag another) {
        List<RedFlag> all = new ArrayList<>(flags);
        all.add(another);
        return new Draft(phase, kind, sql, online, reason, undo, verify, batching, waits, all);
    }
}
