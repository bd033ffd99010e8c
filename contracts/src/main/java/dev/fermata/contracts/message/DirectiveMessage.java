package dev.fermata.contracts.message;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ValidationQuery;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the supervisor orders the workers to do, on {@code directives}: the execution worker, but for the analysis. Each names an epoch; per run a worker obeys
 * only the highest it has seen, and a repeated directive continues what the ledger says was begun.
 */
public sealed interface DirectiveMessage extends Message {

    RunId runId();

    int revision();

    /** Counts up within a run, from 1. */
    long epoch();

    @Override
    default String key() {
        return runId().toString();
    }

    /** Analyse once more, as the target has changed since. For the analysis worker; the others do not hear it. */
    record AnalysisOrdered(RunId runId, int revision, long epoch, WorkOrder order, String reason)
            implements DirectiveMessage {
        public AnalysisOrdered {
            Fields.required(runId, "runId");
            Fields.required(order, "order");
            Fields.text(reason, "reason");
        }
    }

    /** Draft the plan and the rollback and rehearse both on a clone. Production is only read. */
    record PrepareOrdered(RunId runId, int revision, long epoch, WorkOrder order, List<ValidationQuery> validations)
            implements DirectiveMessage {
        public PrepareOrdered {
            Fields.required(runId, "runId");
            Fields.required(order, "order");
            validations = Fields.copy(validations);
        }
    }

    /** Back up, then run the plan. */
    record ExecutionOrdered(
            RunId runId,
            int revision,
            long epoch,
            Plan plan,
            String digest,
            WorkOrder.BackupMode backup,
            List<ValidationQuery> validations,
            Approval approval)
            implements DirectiveMessage {
        public ExecutionOrdered {
            Fields.required(runId, "runId");
            Fields.required(plan, "plan");
            Fields.text(digest, "digest");
            Fields.required(backup, "backup");
            validations = Fields.copy(validations);
            Fields.required(approval, "approval");
        }
    }

    /**
     * Take back whatever the ledger says was done, and show that the catalog is what it was.
     *
     * @param catalogIdentities the objects of the catalog that the rehearsal changed; empty where there was none
     * @param afterSuccess the run had succeeded, so there is no hurry: where others have built on it since, nothing is done
     * @param rehearsed there was a rehearsal, so that no identities mean that it changed nothing in the catalog
     */
    record RollbackOrdered(
            RunId runId,
            int revision,
            long epoch,
            Plan plan,
            String digest,
            List<ValidationQuery> validations,
            String reason,
            List<String> catalogIdentities,
            boolean afterSuccess,
            boolean rehearsed)
            implements DirectiveMessage {
        public RollbackOrdered {
            Fields.required(runId, "runId");
            Fields.required(plan, "plan");
            Fields.text(digest, "digest");
            validations = Fields.copy(validations);
            Fields.text(reason, "reason");
            catalogIdentities = Fields.copy(catalogIdentities);
        }
    }

    /** Stop what is being done for the run, at the next point where it can be taken back. Starts nothing. */
    record AbortOrdered(RunId runId, int revision, long epoch, String reason) implements DirectiveMessage {
        public AbortOrdered {
            Fields.required(runId, "runId");
            Fields.text(reason, "reason");
        }
    }

    /**
     * How fast the steps of the run may go forward from now on, whichever worker runs them. What is being done goes on to
     * the next point between steps or batches. Taking back is never held up. Starts nothing and ends nothing.
     *
     * @param epoch of the directive that is being carried out
     * @param sequence within the revision; a lower one than was heard already is void
     * @param percent of the time that may be spent working; 0: stand still, 100: full speed
     * @param reason why, and by whom, for people
     */
    record PaceOrdered(RunId runId, int revision, long epoch, long sequence, int percent, String reason)
            implements DirectiveMessage {
        /** Nothing holds it up. */
        public static final int FULL_SPEED = 100;

        public PaceOrdered {
            Fields.required(runId, "runId");
            Fields.text(reason, "reason");
            if (percent < 0 || percent > FULL_SPEED) {
                throw new IllegalArgumentException("percent: " + percent + " (expected: 0 to 100)");
            }
        }
    }

    /**
     * Run the contract phase of the plan.
     *
     * @param validations are asked before, so that the verification afterwards compares with what was then
     * @param catalogIdentities the objects of the catalog that the rehearsal had changed by then, which nobody else may have changed
     *     since; empty where there was none
     */
    record ContractOrdered(
            RunId runId,
            int revision,
            long epoch,
            Plan plan,
            String digest,
            List<ValidationQuery> validations,
            List<String> catalogIdentities)
            implements DirectiveMessage {
        public ContractOrdered {
            Fields.required(runId, "runId");
            Fields.required(plan, "plan");
            Fields.text(digest, "digest");
            validations = Fields.copy(validations);
            catalogIdentities = Fields.copy(catalogIdentities);
        }
    }

    /**
     * Ask the validation queries again and compare the catalog.
     *
     * @param catalogAfter fingerprint that the rehearsal came to, null where there was no rehearsal
     * @param catalogIdentities the objects of the catalog that the rehearsal changed; empty where there was none
     */
    record VerificationOrdered(
            RunId runId,
            int revision,
            long epoch,
            Plan plan,
            String digest,
            List<ValidationQuery> validations,
            @Nullable String catalogAfter,
            List<String> catalogIdentities)
            implements DirectiveMessage {
        public VerificationOrdered {
            Fields.required(runId, "runId");
            Fields.required(plan, "plan");
            Fields.text(digest, "digest");
            validations = Fields.copy(validations);
            catalogIdentities = Fields.copy(catalogIdentities);
        }
    }

    /** The yes under which a plan runs, so that the worker can check it by itself. */
    record Approval(Actor approver, String digest, Instant at) {
        public Approval {
            Fields.required(approver, "approval.approver");
            Fields.text(digest, "approval.digest");
            Fields.required(at, "approval.at");
        }
    }
}
