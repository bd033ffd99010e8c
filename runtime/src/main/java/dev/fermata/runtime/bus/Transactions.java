package dev.fermata.runtime.bus;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.runtime.telemetry.TraceParent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Opens units of work on the control store and writes their timers, jobs and messages. Thread-safe. */
public final class Transactions {
    private final ControlStore store;
    private final String topicPrefix;
    private final String source;
    private final Ulid ulids;
    private final Clock clock;

    public Transactions(ControlStore store, String topicPrefix, String source, Ulid ulids, Clock clock) {
        this.store = store;
        this.topicPrefix = topicPrefix;
        this.source = source;
        this.ulids = ulids;
        this.clock = clock;
    }

    /** Work inside a unit of work. */
    @FunctionalInterface
    public interface Work<T> {
        T run(UnitOfWork unit) throws SQLException;
    }

    /**
     * Runs the work in one transaction. Its messages are in the outbox afterwards: {@link OutboxRelay#drain()} publishes
     * them.
     *
     * @param traceparent of what caused the work, null to begin a trace
     */
    public <T> T inTransaction(@Nullable String traceparent, Work<T> work) {
        return store.inTransaction(connection -> {
            Unit unit = new Unit(connection, clock.instant(), traceparent);
            T result = work.run(unit);
            unit.flush();
            return result;
        });
    }

    /** A unit on a connection whose transaction somebody else commits. */
    Unit unit(Connection connection, @Nullable String traceparent) {
        return new Unit(connection, clock.instant(), traceparent);
    }

    /** One transaction in the making. */
    final class Unit implements UnitOfWork {
        private final Connection connection;
        private final Instant now;
        private final @Nullable String traceparent;
        private final List<PreparedMessage> messages = new ArrayList<>();

        private Unit(Connection connection, Instant now, @Nullable String traceparent) {
            this.connection = connection;
            this.now = now;
            this.traceparent = traceparent;
        }

        @Override
        public Connection connection() {
            return connection;
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public @Nullable String traceparent() {
            return traceparent;
        }

        @Override
        public void publish(Message message) {
            PreparedMessage prepared = PreparedMessage.of(topicPrefix, envelope(message));
            if (prepared.body().length > KafkaClients.MAX_BODY_BYTES) {
                throw new MessageTooLargeException(message, prepared.body().length);
            }
            messages.add(prepared);
        }

        private Envelope envelope(Message message) {
            return new Envelope(ulids.next(), source, now, TraceParent.next(traceparent), message);
        }

        @Override
        public void startTimer(String key, String kind, Instant due, String payload) throws SQLException {
            String sql = """
                INSERT INTO timer (key, kind, due, payload) VALUES (?, ?, ?, ?)
                ON CONFLICT (key, kind) DO UPDATE SET due = excluded.due, payload = excluded.payload
                """;
            run(sql, key, kind, Timestamp.from(due), payload);
        }

        @Override
        public void cancelTimer(String key, String kind) throws SQLException {
            run("DELETE FROM timer WHERE key = ? AND kind = ?", key, kind);
        }

        @Override
        public boolean acceptJob(String key, long epoch, Message message) throws SQLException {
            Envelope envelope = envelope(message);
            String sql = """
                INSERT INTO job (key, epoch, headers, body, state) VALUES (?, ?, ?, ?, 'open')
                ON CONFLICT (key) DO UPDATE SET epoch = excluded.epoch, headers = excluded.headers,
                    body = excluded.body, state = 'open', owner = NULL, attempt = 0, lease_until = NULL,
                    accepted_at = now()
                WHERE job.epoch < excluded.epoch
                """;
            return run(sql, key, epoch, json(CloudEvents.headers(envelope)), CloudEvents.body(envelope)) == 1;
        }

        private int run(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, values[i]);
                }
                return statement.executeUpdate();
            }
        }

        /** Writes the messages said so far into the outbox. */
        void flush() throws SQLException {
            if (messages.isEmpty()) {
                return;
            }
            String sql = "INSERT INTO outbox (topic, key, headers, body) VALUES (?, ?, ?, ?)";
            try (PreparedStatement insert = connection.prepareStatement(sql)) {
                for (PreparedMessage message : messages) {
                    insert.setString(1, message.topic());
                    insert.setString(2, message.key());
                    insert.setString(3, json(message.headers()));
                    insert.setBytes(4, message.body());
                    insert.addBatch();
                }
                insert.executeBatch();
            }
            messages.clear();
        }
    }

    static String json(Map<String, String> headers) {
        try {
            return Json.mapper().writeValueAsString(headers);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is always JSON", e);
        }
    }
}
