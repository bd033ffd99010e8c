package dev.fermata.cli.client;

import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.Direction;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage;
import dev.fermata.contracts.message.RequestMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import dev.fermata.contracts.plan.BackupReport;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.RehearsalReport;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Every message as a sentence for people. */
final class Sentences {
    private Sentences() {}

    static String of(Message message) {
        return switch (message) {
            case RequestMessage.WorkOrderRequested m -> "a work order is requested under the key " + m.idempotencyKey();
            case WorkOrderMessage m -> order(m);
            case ImpactMessage m -> impact(m);
            case DirectiveMessage m -> directive(m);
            case ExecutionMessage m -> execution(m);
            case ApprovalMessage m -> approval(m);
            case OutcomeMessage m -> outcome(m);
        };
    }

    private static String order(WorkOrderMessage message) {
        return switch (message) {
            case WorkOrderMessage.WorkOrderIssued m ->
                "accepted: '" + m.order().title() + "' by " + m.order().author() + " for "
                        + String.join(", ", m.order().targets());
            case WorkOrderMessage.WorkOrderAmended m ->
                "amended by " + m.by().name() + ", now revision " + m.revision();
            case WorkOrderMessage.WorkOrderCancelled m -> m.by().name() + " cancels the order: " + m.reason();
            case WorkOrderMessage.OperatorRequested m ->
                m.by().name() + " asks to " + verb(m.action()) + ": " + m.reason();
        };
    }

    private static String verb(WorkOrderMessage.OperatorRequested.Action action) {
        return switch (action) {
            case PAUSE -> "pause";
            case RESUME -> "resume";
            case ROLLBACK -> "roll back";
            case CONTRACT -> "contract";
        };
    }

    private static String impact(ImpactMessage message) {
        return switch (message) {
            case ImpactMessage.AnalysisStarted m -> "the analysis begins";
            case ImpactMessage.ImpactReported m -> impact(m.report());
            case ImpactMessage.AnalysisFailed m ->
                "the analysis failed: " + m.failure().message();
        };
    }

    private static String impact(ImpactReport report) {
        String lock = report.statements().stream()
                .flatMap(statement -> statement.locks().stream())
                .max(Comparator.comparingInt(each -> each.blocks().size()))
                .map(Sentences::lock)
                .orElse("no lock");
        return "analysed: risk " + report.risk().wire() + ", "
                + count(report.statements().size(), "statement") + ", "
                + count(report.findings().size(), "finding") + ", " + lock;
    }

    private static String lock(RelationLock lock) {
        return lock.mode() + " on " + lock.relation()
                + (lock.blocks().isEmpty() ? "" : " (blocks " + String.join(" and ", lock.blocks()) + ")");
    }

    private static String directive(DirectiveMessage message) {
        return switch (message) {
            case DirectiveMessage.AnalysisOrdered m -> "order to analyse once more: " + m.reason();
            case DirectiveMessage.PrepareOrdered m -> "order to draft and rehearse a plan, epoch " + m.epoch();
            case DirectiveMessage.ExecutionOrdered m ->
                "order to execute " + Plain.digest(m.digest()) + ", approved by "
                        + m.approval().approver().name() + ", epoch " + m.epoch();
            case DirectiveMessage.RollbackOrdered m -> "order to roll back, epoch " + m.epoch() + ": " + m.reason();
            case DirectiveMessage.PaceOrdered m ->
                "order to go " + (m.percent() == 0 ? "no further" : "on at " + m.percent() + " % of full speed") + ": "
                        + m.reason();
            case DirectiveMessage.AbortOrdered m -> "order to stop, epoch " + m.epoch() + ": " + m.reason();
            case DirectiveMessage.ContractOrdered m -> "order to contract, epoch " + m.epoch();
            case DirectiveMessage.VerificationOrdered m -> "order to verify, epoch " + m.epoch();
        };
    }

    private static String execution(ExecutionMessage message) {
        return switch (message) {
            case ExecutionMessage.PlanPrepared m ->
                "plan drafted: " + count(m.plan().steps().size(), "step") + ", " + Plain.digest(m.digest());
            case ExecutionMessage.RehearsalReported m -> rehearsal(m.report());
            case ExecutionMessage.BackupVerified m -> backup(m.backup());
            case ExecutionMessage.StepStarted m ->
                step(m.step(), m.direction()) + (m.direction() == Direction.FORWARD ? "begins" : "is taken back")
                        + (m.attempt() > 1 ? ", attempt " + m.attempt() : "") + ": " + m.what();
            case ExecutionMessage.StepProgressed m ->
                step(m.step(), m.direction()) + number(m.done()) + (m.total() < 0 ? "" : " of " + number(m.total()))
                        + " " + m.unit()
                        + (m.remaining() == null ? "" : ", about " + Times.took(m.remaining()) + " to go")
                        + (m.held() == null ? "" : "; stands still: " + m.held());
            case ExecutionMessage.StepBlocked m -> blocked(m);
            case ExecutionMessage.StepCompleted m -> completed(m);
            case ExecutionMessage.Heartbeat m -> m.worker() + " is alive: " + m.activity();
            case ExecutionMessage.Executed m ->
                "all steps have taken effect: " + m.steps() + " in " + Times.took(m.elapsed());
            case ExecutionMessage.ExecutionFailed m ->
                m.stage() + " failed with " + count(m.stepsDone(), "step") + " in effect: "
                        + m.failure().message();
            case ExecutionMessage.RolledBack m ->
                count(m.stepsUndone(), "step") + " taken back; "
                        + (m.catalogEqual()
                                ? "the catalog is what it was"
                                : "the catalog is NOT what it was: " + String.join("; ", m.differences()));
            case ExecutionMessage.RollbackFailed m ->
                "the rollback failed with " + count(m.stepsDone(), "step") + " still in effect: "
                        + m.failure().message();
            case ExecutionMessage.Verified m -> verified(m);
        };
    }

    private static String rehearsal(RehearsalReport report) {
        if (!report.passed()) {
            String why = Optional.ofNullable(report.failure())
                    .map(failure -> failure.message())
                    .orElse(String.join("; ", report.differences()));
            return "the rehearsal on a clone (" + report.cloneKind() + ") failed: " + why;
        }
        return "rehearsed on a clone (" + report.cloneKind() + ") in " + Times.took(report.elapsed())
                + ": forward, back, compared, forward again" + besideTheAuthors(report.equivalence());
    }

    private static String besideTheAuthors(@Nullable Equivalence equivalence) {
        if (equivalence == null) {
            return "";
        }
        if (!equivalence.compared()) {
            return "; NOT compared with the change as it is written: " + equivalence.whyNot();
        }
        return equivalence.differences().isEmpty()
                ? "; it leads to the same as the change as it is written"
                : "; it does NOT lead to the same as the change as it is written: "
                        + String.join("; ", equivalence.differences());
    }

    private static String backup(BackupReport report) {
        long rows = report.tables().stream().mapToLong(BackupReport.Table::rows).sum();
        return "backup of " + count(report.tables().size(), "table") + ", " + number(rows)
                + " rows, restored and found equal in " + Times.took(report.elapsed());
    }

    private static String step(int step, Direction direction) {
        return (direction == Direction.FORWARD ? "step " : "back, step ") + step + " ";
    }

    private static String blocked(ExecutionMessage.StepBlocked message) {
        String holder = message.blockers().stream()
                .findFirst()
                .map(b -> ", held by pid " + b.pid() + " (" + (b.application().isBlank() ? "" : b.application() + ", ")
                        + b.state() + " for " + Times.took(b.age()) + ")")
                .orElse("");
        return step(message.step(), message.direction()) + "gave way for a lock" + holder + "; attempt "
                + message.attempt() + " of " + message.attempts() + ", again in " + Times.took(message.retryIn());
    }

    private static String completed(ExecutionMessage.StepCompleted message) {
        String how = message.recovered()
                ? "was found done already"
                : (message.direction() == Direction.FORWARD ? "done" : "taken back") + " in "
                        + Times.took(message.elapsed());
        return step(message.step(), message.direction())
                + how
                + (message.rows() >= 0 ? ", " + number(message.rows()) + " rows" : "")
                + (message.lockWait().isZero() ? "" : ", waited " + Times.took(message.lockWait()) + " for locks");
    }

    private static String verified(ExecutionMessage.Verified message) {
        long passed = message.validations().stream().filter(v -> v.passed()).count();
        return "verified: " + passed + " of "
                + count(message.validations().size(), "validation query", "validation queries")
                + " passed; the catalog is "
                + (message.catalogMatches()
                        ? "as rehearsed"
                        : "NOT as rehearsed: " + String.join("; ", message.differences()));
    }

    private static String approval(ApprovalMessage message) {
        return switch (message) {
            case ApprovalMessage.ApprovalRequested m ->
                "approval needed, risk " + m.risk().wire() + ": " + m.question() + " (" + String.join("; ", m.reasons())
                        + ")";
            case ApprovalMessage.ApprovalGranted m ->
                "approved by " + m.by().name() + (m.comment().isBlank() ? "" : ": " + m.comment());
            case ApprovalMessage.ChangesRequested m -> m.by().name() + " asks for changes: " + feedback(m.feedback());
            case ApprovalMessage.ApprovalRejected m -> "rejected by " + m.by().name() + ": " + m.reason();
            case ApprovalMessage.ApprovalExpired m -> "nobody answered in time; the question lapsed";
            case ApprovalMessage.DecisionRefused m ->
                "the answer of " + m.by().name() + " does not count (" + m.code() + "): " + m.message();
        };
    }

    private static String feedback(List<ApprovalMessage.Feedback> feedback) {
        String first = feedback.stream()
                .findFirst()
                .map(f -> (f.line() == null ? "" : "line " + f.line() + ": ")
                        + f.problem()
                        + (f.instead() == null ? "" : "; instead: " + f.instead()))
                .orElse("without a reason");
        return feedback.size() > 1 ? first + " (and " + (feedback.size() - 1) + " more)" : first;
    }

    private static String outcome(OutcomeMessage message) {
        return switch (message) {
            case OutcomeMessage.RunStateChanged m ->
                "-> " + m.state().wire() + ": " + m.reason()
                        + (m.waitingFor() == null ? "" : "; waits for " + m.waitingFor());
            case OutcomeMessage.RunEnded m ->
                "outcome " + m.outcome().result().wire() + ": " + m.outcome().summary();
            case OutcomeMessage.WorkOrderEnded m ->
                "the order has ended: " + m.result().wire();
            case OutcomeMessage.RequestRefused m -> "refused (" + m.code() + "): " + m.message();
        };
    }

    private static String count(int number, String noun) {
        return count(number, noun, noun + "s");
    }

    private static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
