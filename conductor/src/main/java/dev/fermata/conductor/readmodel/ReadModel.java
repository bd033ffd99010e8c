package dev.fermata.conductor.readmodel;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.Json;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.ApprovalMessage;
import dev.fermata.contracts.message.DirectiveMessage;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ImpactMessage;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage;
import dev.fermata.contracts.message.RequestMessage;
import dev.fermata.contracts.message.WorkOrderMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import org.jspecify.annotations.Nullable;

/** Writes what the messages say into the read model. Messages of one run come in order for each topic, not between topics. */
public final class ReadModel {
    private ReadModel() {}

    /** What a message is about; a run for most. */
    private record About(String order, @Nullable String run) {
        static About run(RunId id) {
            return new About(id.order().value(), id.toString());
        }

        static About order(WorkOrderId id) {
            return new About(id.value(), null);
        }
    }

    /** Records a message. */
    public static void record(Connection connection, Envelope envelope) throws SQLException {
        Message message = envelope.message();
        switch (message) {
            case RequestMessage m -> {
                return; // not an order yet
            }
            case ExecutionMessage.Heartbeat beat -> {
                return; // too many to keep twice; they are on the topic
            }
            case OutcomeMessage.RequestRefused refused -> {
                return; // never became an order
            }
            case WorkOrderMessage m -> event(connection, envelope, About.order(m.workOrderId()));
            case DirectiveMessage m -> event(connection, envelope, About.run(m.runId()));
            case ImpactMessage m -> impact(connection, envelope, m);
            case ExecutionMessage m -> execution(connection, envelope, m);
            case ApprovalMessage m -> approval(connection, envelope, m);
            case OutcomeMessage.RunStateChanged m -> state(connection, envelope, m);
            case OutcomeMessage.RunEnded m -> ended(connection, envelope, m);
            case OutcomeMessage.WorkOrderEnded m -> orderEnded(connection, envelope, m);
        }
    }

    private static void event(Connection connection, Envelope envelope, About about) throws SQLException {
        String sql = "INSERT INTO event (order_id, run_id, type, source, at, body) VALUES (?, ?, ?, ?, ?, ?::jsonb)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, about.order());
            insert.setString(2, about.run());
            insert.setString(3, envelope.message().getClass().getSimpleName());
            insert.setString(4, envelope.source());
            insert.setTimestamp(5, Timestamp.from(envelope.time()));
            insert.setString(6, json(envelope.message()));
            insert.executeUpdate();
        }
    }

    private static void impact(Connection connection, Envelope envelope, ImpactMessage message) throws SQLException {
        event(connection, envelope, About.run(message.runId()));
        if (message instanceof ImpactMessage.ImpactReported reported) {
            set(connection, "impact", reported.runId(), reported.revision(), json(reported.report()));
        }
    }

    private static void execution(Connection connection, Envelope envelope, ExecutionMessage message)
            throws SQLException {
        event(connection, envelope, About.run(message.runId()));
        switch (message) {
            case ExecutionMessage.PlanPrepared m -> set(connection, "plan", m.runId(), m.revision(), json(m.plan()));
            case ExecutionMessage.RehearsalReported m ->
                    set(connection, "rehearsal", m.runId(), m.revision(), json(m.report()));
            case ExecutionMessage.BackupVerified m -> set(connection, "backup", m.runId(), m.revision(), json(m.backup()));
            default -> {
                // told as events only
            }
        }
    }

    private static void approval(Connection connection, Envelope envelope, ApprovalMessage message) throws SQLException {
        event(connection, envelope, About.run(message.runId()));
        switch (message) {
            case ApprovalMessage.ApprovalRequested m -> set(connection, "approval", m.runId(), m.revision(), json(m));
            case ApprovalMessage.ChangesRequested m ->
                    set(connection, "feedback", m.runId(), m.revision(), json(m.feedback()));
            default -> {
                // told as events only
            }
        }
    }

    private static void set(Connection connection, String column, RunId run, int revision, String value)
            throws SQLException {
        String sql = "UPDATE run SET " + column + " = ?::jsonb, updated_at = now() WHERE run_id = ? AND revision <= ?";
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, value);
            update.setString(2, run.toString());
            update.setInt(3, revision);
            update.executeUpdate();
        }
    }

    private static void state(Connection connection, Envelope envelope, OutcomeMessage.RunStateChanged message)
            throws SQLException {
        event(connection, envelope, About.run(message.runId()));
        String sql = """
                UPDATE run SET state = ?, reason = ?, waiting_for = ?, digest = ?, sequence = ?, revision = ?,
                    updated_at = now(),
                    impact = CASE WHEN revision < ? THEN NULL ELSE impact END,
                    plan = CASE WHEN revision < ? THEN NULL ELSE plan END,
                    feedback = CASE WHEN revision < ? THEN NULL ELSE feedback END
                WHERE run_id = ? AND sequence < ?
                """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, message.state().wire());
            update.setString(2, message.reason());
            update.setString(3, message.waitingFor());
            update.setString(4, message.digest());
            update.setLong(5, message.sequence());
            for (int i = 6; i <= 9; i++) {
                update.setInt(i, message.revision());
            }
            update.setString(10, message.runId().toString());
            update.setLong(11, message.sequence());
            update.executeUpdate();
        }
    }

    private static void ended(Connection connection, Envelope envelope, OutcomeMessage.RunEnded message)
            throws SQLException {
        event(connection, envelope, About.run(message.runId()));
        set(connection, "outcome", message.runId(), message.revision(), json(message.outcome()));
        String sql = """
                INSERT INTO memory (run_id, order_id, target, name, title, result, summary, change_sql, outcome, ended_at)
                SELECT ?, order_id, ?, name, title, ?, ?, body ->> 'change', ?::jsonb, ? FROM work_order WHERE order_id = ?
                ON CONFLICT (run_id) DO UPDATE SET result = excluded.result, summary = excluded.summary,
                    outcome = excluded.outcome, ended_at = excluded.ended_at
                """;
        try (PreparedStatement upsert = connection.prepareStatement(sql)) {
            upsert.setString(1, message.runId().toString());
            upsert.setString(2, message.runId().target());
            upsert.setString(3, message.outcome().result().wire());
            upsert.setString(4, message.outcome().summary());
            upsert.setString(5, json(message.outcome()));
            upsert.setTimestamp(6, Timestamp.from(message.outcome().endedAt()));
            upsert.setString(7, message.runId().order().value());
            upsert.executeUpdate();
        }
    }

    private static void orderEnded(Connection connection, Envelope envelope, OutcomeMessage.WorkOrderEnded message)
            throws SQLException {
        event(connection, envelope, About.order(message.workOrderId()));
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE work_order SET result = ?, updated_at = now() WHERE order_id = ?")) {
            update.setString(1, message.result().wire());
            update.setString(2, message.workOrderId().value());
            update.executeUpdate();
        }
    }

    private static String json(Object value) {
        try {
            return Json.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value.getClass().getSimpleName() + " is always JSON", e);
        }
    }
}
