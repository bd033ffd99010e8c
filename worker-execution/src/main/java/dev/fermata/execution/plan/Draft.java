package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.plan.Unit;
import dev.fermata.postgres.catalog.QualifiedName;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one statement of the author becomes, before the steps are numbered.
 *
 * @param inverse null when none can be generated; {@code noInverse} then says why
 * @param touched tables that existed before
 */
record Draft(
        Phase phase,
        StepKind kind,
        String sql,
        boolean online,
        String reason,
        @Nullable Inverse inverse,
        String noInverse,
        Set<QualifiedName> touched,
        @Nullable Batching batching) {

    static Draft transaction(Phase phase, String sql, String reason, Set<QualifiedName> touched, Undo undo) {
        return new Draft(phase, StepKind.TRANSACTION, sql, undo.online, reason, undo.inverse, undo.why, touched, null);
    }

    /** The way back of a statement, or why there is none. */
    record Undo(@Nullable Inverse inverse, String why, boolean online) {

        static Undo by(String... sql) {
            return new Undo(sql.length == 0 ? Inverse.nothing() : Inverse.transaction(sql), "", true);
        }

        static Undo losing(String note, String... sql) {
            return new Undo(new Inverse(List.of(Unit.transaction(sql)), false, note), "", true);
        }

        static Undo impossible(String why) {
            return new Undo(null, why, true);
        }

        /** The statement scans or rewrites under its lock. */
        Undo blocking() {
            return new Undo(inverse, why, false);
        }
    }
}
