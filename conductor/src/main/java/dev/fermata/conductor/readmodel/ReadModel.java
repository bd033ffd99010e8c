package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.conductor.readmodel.EventLog.About;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.OutcomeMessage;
import dev.fermata.contracts.message.RequestMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Writes what the messages say into the read model. Messages of one run come in order on each topic, not between topics: what
 * a run has reached is told by the supervisor's numbered state changes alone, and everything else is kept by its revision.
 */
public final class ReadModel {
    private ReadModel() {}

    /** Records a message. */
    public static void record(Connection connection, Envelope envelope) throws SQLException {
        switch (envelope.message()) {
            case RequestMessage m -> {
                return; // not an order yet
            }
            case ExecutionMessage.Heartbeat beat -> {
                return; // too many to keep twice; they are on the topic
            }
            case OutcomeMessage.RequestRefused refused -> {
                return; // never became an order
            }
            case WorkOrderMessage m -> EventLog.append(connection, envelope, About.order(m.workOrderId()));
            case DirectiveMessage m -> EventLog.append(connection, envelope, About.run(m.runId()));
            case ImpactMessage m -> impact(connection, envelope, m);
            case ExecutionMessage m -> execution(connection, envelope, m);
            case ApprovalMessage m -> approval(connection, envelope, m);
            case OutcomeMessage.RunStateChanged m -> state(connection, envelope, m);
            case OutcomeMessage.RunEnded m -> ended(connection, envelope, m);
            case OutcomeMessage.WorkOrderEnded m -> orderEnded(connection, envelope, m);
        }
    }

    private static void impact(Connection connection, Envelope envelope, ImpactMessage message) throws SQLException {
        EventLog.append(connection, envelope, About.run(message.runId()));
        if (message instanceof ImpactMessage.ImpactReported reported) {
            set(connection, "impact", reported.runId(), reported.revision(), reported.report());
        }
    }

    private static void execution(Connection connection, Envelope envelope, ExecutionMessage message)
            throws SQLException {
        EventLog.append(connection, envelope, About.run(message.runId()));
        switch (message) {
            case ExecutionMessage.PlanPrepared m -> set(connection, "plan", m.runId(), m.revision(), m);
            case ExecutionMessage.RehearsalReported m -> set(connection, "rehearsal", m.runId(), m.revision(), m);
            case ExecutionMessage.BackupVerified m -> set(connection, "backup", m.runId(), m.revision(), m);
            case ExecutionMessage.StepStarted m -> step(connection, m, m.step(), StepState.of(m));
            case ExecutionMessage.StepProgressed m -> step(connection, m, m.step(), StepState.of(m));
            case ExecutionMessage.StepBlocked m -> step(connection, m, m.step(), StepState.of(m));
            case ExecutionMessage.StepCompleted m -> step(connection, m, m.step(), StepState.of(m));
            case ExecutionMessage.Heartbeat m -> {
                // not kept
            }
            case ExecutionMessage.Executed m -> {
                // told as an event only
            }
            case ExecutionMessage.ExecutionFailed m -> {
                // the outcome says what became of it
            }
            case ExecutionMessage.RolledBack m -> {
                // the outcome says what became of it
            }
            case ExecutionMessage.RollbackFailed m -> {
                // the outcome says what became of it
            }
            case ExecutionMessage.Verified m -> {
                // the outcome holds the answers
            }
        }
    }

    private static void approval(Connection connection, Envelope envelope, ApprovalMessage message)
            throws SQLException {
        EventLog.append(connection, envelope, About.run(message.runId()));
        switch (message) {
            case ApprovalMessage.ApprovalRequested m -> set(connection, "approval", m.runId(), m.revision(), m);
            case ApprovalMessage.ApprovalGranted m ->
                decided(connection, m, decision("approved", m.digest(), m.by(), m.comment(), m.at()));
            case ApprovalMessage.ApprovalRejected m ->
                decided(connection, m, decision("rejected", m.digest(), m.by(), m.reason(), m.at()));
            case ApprovalMessage.ApprovalExpired m ->
                decided(connection, m, decision("expired", m.digest(), Actor.policy("default"), "", m.at()));
            case ApprovalMessage.ChangesRequested m -> {
                set(connection, "feedback", m.runId(), m.revision(), m.feedback());
                decided(connection, m, decision("changes-requested", m.digest(), m.by(), "", m.at()));
            }
            case ApprovalMessage.DecisionRefused m -> {
                // changes nothing; told as an event
            }
        }
    }

    private static ObjectNode decision(String what, @Nullable String digest, Actor by, String comment, Instant at) {
        ObjectNode decision = Json.mapper().createObjectNode();
        decision.put("decision", what);
        Stored.putText(decision, "digest", digest);
        decision.put("by", by.name());
        decision.put("comment", comment);
        decision.put("at", at.toString());
        return decision;
    }

    private static void decided(Connection connection, ApprovalMessage message, ObjectNode decision)
            throws SQLException {
        set(connection, "decision", message.runId(), message.revision(), decision);
    }

    private static void set(Connection connection, String part, RunId run, int revision, Object body)
            throws SQLException {
        String sql = """
            INSERT INTO run_part (run_id, revision, part, body) VALUES (?, ?, ?, ?::jsonb)
            ON CONFLICT (run_id, revision, part) DO UPDATE SET body = excluded.body
            """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, run.toString());
            upsert.setInt(2, revision);
            upsert.setString(3, part);
            upsert.setString(4, Stored.json(body));
            upsert.executeUpdate();
        }
    }

    private static void step(Connection connection, ExecutionMessage message, int step, ObjectNode body)
            throws SQLException {
        String sql = """
            INSERT INTO run_step (run_id, revision, step, body) VALUES (?, ?, ?, ?::jsonb)
            ON CONFLICT (run_id, revision, step) DO UPDATE SET body = excluded.body
            """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, message.runId().toString());
            upsert.setInt(2, message.revision());
            upsert.setInt(3, step);
            upsert.setString(4, Stored.json(body));
            upsert.executeUpdate();
        }
    }

    private static void state(Connection connection, Envelope envelope, OutcomeMessage.RunStateChanged message)
            throws SQLException {
        EventLog.append(connection, envelope, About.run(message.runId()));
        String sql = """
            UPDATE run SET state = ?, reason = ?, waiting_for = ?, digest = ?, sequence = ?, revision = ?,
                updated_at = now()
            WHERE run_id = ? AND sequence < ?
            """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, message.state().wire());
            update.setString(2, message.reason());
            update.setString(3, message.waitingFor());
            update.setString(4, message.digest());
            update.setLong(5, message.sequence());
            update.setInt(6, message.revision());
            update.setString(7, message.runId().toString());
            update.setLong(8, message.sequence());
            update.executeUpdate();
        }
        touch(connection, message.runId().order().value(), null);
    }

    private static void ended(Connection connection, Envelope envelope, OutcomeMessage.RunEnded message)
            throws SQLException {
        EventLog.append(connection, envelope, About.run(message.runId()));
        set(connection, "outcome", message.runId(), message.revision(), message.outcome());
        Memory.remember(connection, message);
    }

    private static void orderEnded(Connection connection, Envelope envelope, OutcomeMessage.WorkOrderEnded message)
            throws SQLException {
        EventLog.append(connection, envelope, About.order(message.workOrderId()));
        touch(connection, message.workOrderId().value(), message.result().wire());
    }

    private static void touch(Connection connection, String order, @Nullable String result) throws SQLException {
        String sql = "UPDATE work_order SET result = coalesce(?, result), updated_at = now() WHERE order_id = ?";
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, result);
            update.setString(2, order);
            update.executeUpdate();
        }
    }
}
