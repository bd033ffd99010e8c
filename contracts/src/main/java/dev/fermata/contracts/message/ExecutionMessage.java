package dev.fermata.contracts.message;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.WireEnum;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ValidationResult;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the execution worker says on {@code execution}. Each names the epoch of the directive it is about. */
public sealed interface ExecutionMessage extends Message {

    RunId runId();

    int revision();

    long epoch();

    @Override
    default String key() {
        return runId().toString();
    }

    /** Which way the steps run. */
    enum Direction {
        FORWARD,
        BACK;

        @JsonValue
        public String wire() {
            return WireEnum.name(this);
        }
    }

    /** The plan is drafted; the rehearsal follows. */
    record PlanPrepared(RunId runId, int revision, long epoch, Plan plan, String digest) implements ExecutionMessage {
        public PlanPrepared {
            Fields.required(runId, "runId");
            Fields.required(plan, "plan");
            Fields.text(digest, "digest");
        }
    }

    /** The plan was tried on a clone, and passed or did not. */
    record RehearsalReported(RunId runId, int revision, long epoch, String digest, RehearsalReport report)
            implements ExecutionMessage {
        public RehearsalReported {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(report, "report");
        }
    }

    /** What is to be changed is kept, restored elsewhere and found equal. */
    record BackupVerified(RunId runId, int revision, long epoch, String digest, BackupReport backup)
            implements ExecutionMessage {
        public BackupVerified {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(backup, "backup");
        }
    }

    /** A step begins, or begins again ({@code attempt} from 1). */
    record StepStarted(
            RunId runId, int revision, long epoch, int step, Direction direction, int attempt, String what, Instant at)
            implements ExecutionMessage {
        public StepStarted {
            Fields.required(runId, "runId");
            Fields.required(direction, "direction");
            Fields.text(what, "what");
            Fields.required(at, "at");
        }
    }

    /**
     * How far a long step is.
     *
     * @param total about; -1 when unknown
     * @param unit of what is counted, such as {@code rows}
     * @param remaining by the pace of late; null when unknown
     * @param held why nothing is done just now, such as a pause that was ordered or a standby that is behind; null when it
     *     goes on
     */
    record StepProgressed(
            RunId runId,
            int revision,
            long epoch,
            int step,
            Direction direction,
            long done,
            long total,
            String unit,
            @Nullable Duration remaining,
            @Nullable String held)
            implements ExecutionMessage {
        public StepProgressed {
            Fields.required(runId, "runId");
            Fields.required(direction, "direction");
            Fields.text(unit, "unit");
        }
    }

    /** The step did not get its lock within the budget and gave way; it is tried again. */
    record StepBlocked(
            RunId runId,
            int revision,
            long epoch,
            int step,
            Direction direction,
            int attempt,
            int attempts,
            Duration retryIn,
            List<Blocker> blockers)
            implements ExecutionMessage {
        public StepBlocked {
            Fields.required(runId, "runId");
            Fields.required(direction, "direction");
            Fields.required(retryIn, "retryIn");
            blockers = Fields.copy(blockers);
        }

        /** Who holds what the step waits for; never what it says. */
        public record Blocker(int pid, String application, String state, Duration age) {
            public Blocker {
                application = application == null ? "" : application;
                state = state == null ? "" : state;
                Fields.required(age, "blocker.age");
            }
        }
    }

    /**
     * A step has taken effect.
     *
     * @param rows changed rows, -1 where none are counted
     * @param recovered whether an earlier attempt had done it and this one only found it done
     */
    record StepCompleted(
            RunId runId,
            int revision,
            long epoch,
            int step,
            Direction direction,
            Duration elapsed,
            Duration lockWait,
            long rows,
            int attempts,
            boolean recovered)
            implements ExecutionMessage {
        public StepCompleted {
            Fields.required(runId, "runId");
            Fields.required(direction, "direction");
            Fields.required(elapsed, "elapsed");
            Fields.required(lockWait, "lockWait");
        }
    }

    /** The worker is alive and on it. */
    record Heartbeat(RunId runId, int revision, long epoch, String worker, String activity, Instant at)
            implements ExecutionMessage {
        public Heartbeat {
            Fields.required(runId, "runId");
            Fields.text(worker, "worker");
            Fields.text(activity, "activity");
            Fields.required(at, "at");
        }
    }

    /** Every step of the plan has taken effect. */
    record Executed(RunId runId, int revision, long epoch, String digest, int steps, Duration elapsed)
            implements ExecutionMessage {
        public Executed {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(elapsed, "elapsed");
        }
    }

    /**
     * The directive cannot be carried out.
     *
     * @param stage {@code prepare}, {@code backup}, {@code execute} or {@code verify}
     * @param stepsDone how many steps of the plan have taken effect on the target; 0 means it is as it was
     */
    record ExecutionFailed(RunId runId, int revision, long epoch, String stage, int stepsDone, Failure failure)
            implements ExecutionMessage {
        public ExecutionFailed {
            Fields.required(runId, "runId");
            Fields.text(stage, "stage");
            Fields.required(failure, "failure");
        }
    }

    /**
     * Everything was taken back.
     *
     * @param catalogEqual whether the user catalog is what it was before the first step
     * @param differences what is not, for people
     * @param validations the validation queries, compared with before the first step
     */
    record RolledBack(
            RunId runId,
            int revision,
            long epoch,
            String digest,
            int stepsUndone,
            boolean catalogEqual,
            List<String> differences,
            List<ValidationResult> validations)
            implements ExecutionMessage {
        public RolledBack {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            differences = Fields.copy(differences);
            validations = Fields.copy(validations);
        }
    }

    /** It could not be taken back; {@code stepsDone} are still in effect. */
    record RollbackFailed(RunId runId, int revision, long epoch, String digest, int stepsDone, Failure failure)
            implements ExecutionMessage {
        public RollbackFailed {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(failure, "failure");
        }
    }

    /**
     * The answers after the change; the verdict is the supervisor's.
     *
     * @param catalogMatches whether the user catalog is what the rehearsal came to; true where there was no rehearsal
     */
    record Verified(
            RunId runId,
            int revision,
            long epoch,
            String digest,
            List<ValidationResult> validations,
            boolean catalogMatches,
            List<String> differences)
            implements ExecutionMessage {
        public Verified {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            validations = Fields.copy(validations);
            differences = Fields.copy(differences);
        }
    }
}
