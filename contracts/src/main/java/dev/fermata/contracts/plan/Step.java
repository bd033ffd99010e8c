package dev.fermata.contracts.plan;

import dev.fermata.contracts.Fields;
import dev.fermata.contracts.impact.RelationLock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unit that either happened or did not.
 *
 * @param no from 1, without gaps
 * @param sql what runs, in order; exactly one statement unless the kind is {@link StepKind#TRANSACTION}
 * @param locks what it takes, strongest first
 * @param online whether it neither rewrites nor scans under a lock that makes the application wait
 * @param reason why the step is there, for people; differs from the author's statement where it was rewritten
 * @param origin index of the author's statement it comes from
 * @param inverse null only where the plan brings the author's own rollback
 * @param verify queries that return true once the step has happened
 * @param batching only for {@link StepKind#BATCHES}
 */
public record Step(
        int no,
        Phase phase,
        StepKind kind,
        List<String> sql,
        List<RelationLock> locks,
        boolean online,
        String reason,
        int origin,
        @Nullable Inverse inverse,
        List<String> verify,
        @Nullable Batching batching) {
    public Step {
        Fields.required(phase, "step.phase");
        Fields.required(kind, "step.kind");
        sql = Fields.copy(sql);
        locks = Fields.copy(locks);
        Fields.text(reason, "step.reason");
        verify = Fields.copy(verify);
        StepKind.check("step " + no, kind, sql, batching);
    }
}
