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
import dev.fermata.runtime.config.TargetConfig;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers to approval questions. Everything that can be refused here the supervisor refuses, too. */
final class Decisions {
    private static final String DIGEST = "sha256:[0-9a-f]{64}";

    private final Map<String, TargetConfig> targets;
    private final Clock clock;

    Decisions(Map<String, TargetConfig> targets, Clock clock) {
        this.targets = targets;
        this.clock = clock;
    }

    enum Decision {
        APPROVE,
        REJECT,
        REQUEST_CHANGES;

        String wire() {
            return WireEnum.name(this);
        }
    }

    /** @param target null where the digest says which run is meant */
    record Asked(
            Decision decision,
            String digest,
            String comment,
            @Nullable String target) {}

    /** The digest comes as If-Match or in the body; it is never filled in from what is current. */
    static Asked read(Command command, @Nullable String ifMatch) {
        String digest = digest(command, ifMatch);
        Decision decision = decision(command.required("decision", "approve, reject or request-changes"));
        String comment = decision == Decision.APPROVE
                ? command.text("comment").orElse("")
                : command.required("comment", "why, for the author");
        return new Asked(decision, digest, comment, command.text("target").orElse(null));
    }

    private static String digest(Command command, @Nullable String ifMatch) {
        String inBody = command.text("digest").orElse(null);
        String inHeader = ifMatch == null ? null : ifMatch.replace("\"", "").strip();
        String digest = inHeader == null ? inBody : inHeader;
        if (digest == null) {
            throw RefusedException.field(
                    428,
                    "digest-required",
                    "/digest",
                    "missing (expected: the digest of the plan that was reviewed, here or as If-Match, such as"
                            + " sha256:...)");
        }
        if (!digest.matches(DIGEST) || (inBody != null && !inBody.equals(digest))) {
            throw RefusedException.field(
                    400,
                    "bad-digest",
                    "/digest",
                    "'" + digest + "' (expected: sha256: and 64 hex digits, the same in If-Match and in the body)");
        }
        return digest;
    }

    private static Decision decision(String text) {
        for (Decision decision : Decision.values()) {
            if (decision.wire().equals(text)) {
                return decision;
            }
        }
        throw RefusedException.field(
                400, "bad-decision", "/decision", "'" + text + "' (expected: approve, reject or request-changes)");
    }

    /** The run that is meant: on the named target, or the one with this plan. */
    ObjectNode runFor(List<ObjectNode> runs, Asked asked) {
        if (asked.target() != null || runs.size() == 1) {
            return OrderReads.one(runs, asked.target());
        }
        return runs.stream()
                .filter(run -> run.path("digest").asText().equals(asked.digest()))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        412,
                        "plan-changed",
                        "no run of this order has the plan " + asked.digest() + "; they are: "
                                + runs.stream()
                                        .map(run -> run.path("target").asText() + " "
                                                + run.path("digest").asText("without a plan"))
                                        .collect(Collectors.joining(", "))));
    }

    /** The message to the supervisor. */
    Message decide(ObjectNode run, Asked asked, Actor by, Set<String> authors) {
        String state = run.path("state").asText();
        if (!state.equals(RunState.AWAITING_APPROVAL.wire())) {
            throw new RefusedException(409, "not-pending", "the run does not wait for an approval; it is " + state);
        }
        String current = run.path("digest").asText();
        if (!asked.digest().equals(current)) {
            throw new RefusedException(
                    412,
                    "plan-changed",
                    "you reviewed " + asked.digest() + ", the plan is now " + current + "; review it and answer again");
        }
        RunId id = RunId.parse(run.path("id").asText());
        if (asked.decision() == Decision.APPROVE && authors.contains(by.name()) && isProduction(id.target())) {
            throw new RefusedException(
                    403,
                    "self-approval",
                    "'" + by.name() + "' wrote this order; somebody else must approve it on production");
        }
        return message(id, run.path("revision").asInt(), asked, by);
    }

    /** In which other environments authors may approve is the supervisor's to know. An unknown target counts as production. */
    private boolean isProduction(String target) {
        TargetConfig config = targets.get(target);
        return config == null || config.isProduction();
    }

    private Message message(RunId id, int revision, Asked asked, Actor by) {
        Instant now = clock.instant();
        String comment = asked.comment();
        return switch (asked.decision()) {
            case APPROVE -> new ApprovalGranted(id, revision, asked.digest(), by, comment, now);
            case REJECT -> new ApprovalRejected(id, revision, asked.digest(), by, comment, now);
            case REQUEST_CHANGES ->
                new ChangesRequested(
                        id, revision, asked.digest(), by, List.of(new Feedback(null, null, null, comment, null)), now);
        };
    }
}
