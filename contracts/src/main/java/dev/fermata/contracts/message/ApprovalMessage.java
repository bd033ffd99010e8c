package dev.fermata.contracts.message;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Fields;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Questions of the supervisor and answers of people, policies and programs, on {@code approvals}. */
public sealed interface ApprovalMessage extends Message {

    RunId runId();

    int revision();

    @Override
    default String key() {
        return runId().toString();
    }

    /**
     * May this plan run? An answer must name the same digest.
     *
     * @param question what will happen and what to look at, for people
     */
    record ApprovalRequested(
            RunId runId,
            int revision,
            String digest,
            String question,
            String author,
            String environment,
            RiskLevel risk,
            List<String> reasons,
            List<RedFlag> redFlags,
            Instant requestedAt,
            Instant expiresAt)
            implements ApprovalMessage {
        public ApprovalRequested {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.text(question, "question");
            Fields.text(author, "author");
            Fields.text(environment, "environment");
            Fields.required(risk, "risk");
            reasons = Fields.copy(reasons);
            redFlags = Fields.copy(redFlags);
            Fields.required(requestedAt, "requestedAt");
            Fields.required(expiresAt, "expiresAt");
        }
    }

    /** Yes, to exactly this digest. */
    record ApprovalGranted(RunId runId, int revision, String digest, Actor by, String comment, Instant at)
            implements ApprovalMessage {
        public ApprovalGranted {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(by, "by");
            comment = comment == null ? "" : comment;
            Fields.required(at, "at");
        }
    }

    /**
     * Not like this: the author must amend.
     *
     * @param digest of the plan that was looked at, null when it did not come to a plan
     */
    record ChangesRequested(
            RunId runId, int revision, @Nullable String digest, Actor by, List<Feedback> feedback, Instant at)
            implements ApprovalMessage {
        public ChangesRequested {
            Fields.required(runId, "runId");
            Fields.required(by, "by");
            feedback = Fields.copy(feedback);
            Fields.required(at, "at");
        }
    }

    /** No. */
    record ApprovalRejected(RunId runId, int revision, String digest, Actor by, String reason, Instant at)
            implements ApprovalMessage {
        public ApprovalRejected {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(by, "by");
            Fields.text(reason, "reason");
            Fields.required(at, "at");
        }
    }

    /** Nobody answered in time; silence is never a yes. */
    record ApprovalExpired(RunId runId, int revision, String digest, Instant at) implements ApprovalMessage {
        public ApprovalExpired {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(at, "at");
        }
    }

    /** An answer that does not count, and why: a stale digest, the author's own, too late. */
    record DecisionRefused(RunId runId, int revision, String digest, Actor by, String code, String message, Instant at)
            implements ApprovalMessage {
        public DecisionRefused {
            Fields.required(runId, "runId");
            Fields.text(digest, "digest");
            Fields.required(by, "by");
            Fields.text(code, "code");
            Fields.text(message, "message");
            Fields.required(at, "at");
        }
    }

    /**
     * What the author should write instead.
     *
     * @param statement index from 0, null when it is about the whole
     * @param line 1-based in the change SQL, null when unknown
     */
    record Feedback(
            @Nullable Integer statement,
            @Nullable Integer line,
            @Nullable Integer column,
            String problem,
            @Nullable String instead) {
        public Feedback {
            Fields.text(problem, "feedback.problem");
        }
    }
}
