package dev.fermata.conductor.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.intake.RefusedException;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.WireEnum;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalGranted;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRejected;
import dev.fermata.contracts.message.ApprovalMessage.ChangesRequested;
import dev.fermata.contracts.message.ApprovalMessage.Feedback;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.ServiceRuntime;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers to approval questions. What is plainly wrong is refused here at once, from the read model; the supervisor, who
 * decides, checks again.
 */
final class Decisions {
    private final ServiceRuntime runtime;

    Decisions(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    enum Decision {
        APPROVE,
        REJECT,
        REQUEST_CHANGES;

        String wire() {
            return WireEnum.name(this);
        }
    }

    record Asked(Decision decision, String digest, String comment, Actor by) {}

    /** The digest comes as If-Match or in the body; it is never filled in from what is current. */
    Asked read(JsonObject body, @Nullable String ifMatch, Actor by) {
        String digest = ifMatch != null ? ifMatch.replace("\"", "") : body.getString("digest", "");
        if (digest.isBlank()) {
            throw new RefusedException(
                    428, "digest-required", "If-Match: missing (expected: the digest of the plan that was reviewed, sha256:...)");
        }
        return new Asked(decision(body.getString("decision", "")), digest, body.getString("comment", ""), by);
    }

    private static Decision decision(String text) {
        for (Decision decision : Decision.values()) {
            if (decision.wire().equals(text)) {
                return decision;
            }
        }
        throw new RefusedException(
                400, "bad-decision", "/decision: '" + text + "' (expected: approve, reject or request-changes)");
    }

    void decide(ObjectNode run, Asked asked, Consumer<Message> say) {
        String state = run.path("state").asText();
        if (!state.equals(RunState.AWAITING_APPROVAL.wire())) {
            throw new RefusedException(
                    409, "not-pending", "the run does not wait for an approval; it is " + state);
        }
        String current = run.path("digest").asText();
        if (!asked.digest().equals(current)) {
            throw new RefusedException(
                    412,
                    "plan-changed",
                    "you reviewed " + asked.digest() + ", the plan is now " + current + "; review it and answer again");
        }
        refuseAuthor(run, asked);
        say.accept(message(RunId.parse(run.path("id").asText()), run.path("revision").asInt(), asked));
    }

    /** The environments where authors may approve are the supervisor's to know; production is never one of them by default. */
    private static void refuseAuthor(ObjectNode run, Asked asked) {
        boolean author = run.path("approval").path("author").asText().equalsIgnoreCase(asked.by().name());
        boolean production = run.path("approval").path("environment").asText().equals("production");
        if (asked.decision() == Decision.APPROVE && author && production) {
            throw new RefusedException(
                    403, "self-approval", "'" + asked.by().name() + "' wrote this order; somebody else must approve it");
        }
    }

    private Message message(RunId id, int revision, Asked asked) {
        Instant now = runtime.clock().instant();
        String comment = asked.comment();
        return switch (asked.decision()) {
            case APPROVE -> new ApprovalGranted(id, revision, asked.digest(), asked.by(), comment, now);
            case REJECT -> new ApprovalRejected(id, revision, asked.digest(), asked.by(), needed(comment), now);
            case REQUEST_CHANGES -> new ChangesRequested(
                    id,
                    revision,
                    asked.digest(),
                    asked.by(),
                    List.of(new Feedback(null, null, null, needed(comment), null)),
                    now);
        };
    }

    private static String needed(String comment) {
        if (comment.isBlank()) {
            throw new RefusedException(400, "missing-comment", "/comment: missing (expected: why, for the author)");
        }
        return comment;
    }
}
