package dev.fermata.runtime.bus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.json.Json;
import dev.fermata.runtime.store.ControlStore;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Publishes what the outbox holds, in its order, and marks it sent. A crash in between publishes some of it again; readers
 * drop the second copy by its id. One relay at a time works on an outbox, however many instances the service has, so the
 * messages of one key cannot overtake each other. Thread-safe.
 */
public final class OutboxRelay {
    private static final int BATCH = 500;
    private static final Duration SEND_TIMEOUT = Duration.ofSeconds(30);
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

    private final ControlStore store;
    private final Producer<String, byte[]> producer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore nudges = new Semaphore(0);

    public OutboxRelay(ControlStore store, Producer<String, byte[]> producer) {
        this.store = store;
        this.producer = producer;
    }

    /** Has the outbox published at once by the loop that sweeps it. Never blocks; nothing is lost where no loop runs. */
    public void nudge() {
        nudges.release();
    }

    /** Waits until somebody nudges, but not longer than the time given. */
    void awaitNudge(Duration longest) throws InterruptedException {
        if (nudges.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
            nudges.drainPermits();
        }
    }

    /**
     * Publishes until the outbox is empty and everything is acknowledged. Blocks.
     *
     * @throws BrokerUnavailableException when the broker does not take it in time; the outbox keeps it
     */
    public void drain() {
        lock.lock();
        try {
            Attempt attempt;
            do {
                attempt = store.inTransaction(this::publishBatch);
                attempt.failure().ifPresent(failure -> {
                    throw failure;
                });
            } while (attempt.size() == BATCH);
        } finally {
            lock.unlock();
        }
    }

    /** What became of a batch; where it failed, what was acknowledged is marked all the same. */
    private record Attempt(int size, Optional<BrokerUnavailableException> failure) {}

    private record Row(long seq, ProducerRecord<String, byte[]> record) {}

    private Attempt publishBatch(Connection connection) throws SQLException {
        try (PreparedStatement own = connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtext(?))")) {
            own.setString(1, "outbox " + store.schema());
            own.execute();
        }
        List<Row> rows = unsent(connection);
        if (rows.isEmpty()) {
            return new Attempt(0, Optional.empty());
        }
        List<Future<RecordMetadata>> sends = send(rows);
        List<Long> acknowledged = new ArrayList<>();
        Optional<BrokerUnavailableException> failure = await(rows, sends, acknowledged);
        markSent(connection, acknowledged);
        return new Attempt(rows.size(), failure);
    }

    private static List<Row> unsent(Connection connection) throws SQLException {
        String sql =
                "SELECT seq, topic, key, headers, body FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT " + BATCH;
        List<Row> unsent = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                unsent.add(new Row(rows.getLong("seq"), record(rows)));
            }
        }
        return unsent;
    }

    private static ProducerRecord<String, byte[]> record(ResultSet row) throws SQLException {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(row.getString("topic"), row.getString("key"), row.getBytes("body"));
        try {
            Json.mapper().readValue(row.getString("headers"), HEADERS).forEach((name, value) -> record.headers()
                    .add(name, value.getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("headers of outbox row " + row.getLong("seq") + " are not JSON", e);
        }
        return record;
    }

    /** Stops at the first that fails at once, as every one after it would wait for the broker's metadata in turn. */
    private List<Future<RecordMetadata>> send(List<Row> rows) {
        List<Future<RecordMetadata>> sends = new ArrayList<>();
        for (Row row : rows) {
            Future<RecordMetadata> send = producer.send(row.record());
            sends.add(send);
            if (send.isDone() && send.state() == Future.State.FAILED) {
                break;
            }
        }
        producer.flush();
        return sends;
    }

    private static Optional<BrokerUnavailableException> await(
            List<Row> rows, List<Future<RecordMetadata>> sends, List<Long> acknowledged) {
        BrokerUnavailableException failure = null;
        for (int i = 0; i < sends.size(); i++) {
            try {
                sends.get(i).get(SEND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
                acknowledged.add(rows.get(i).seq());
            } catch (ExecutionException | TimeoutException | CancellationException e) {
                if (failure == null) {
                    failure = new BrokerUnavailableException(
                            "outbox row " + rows.get(i).seq() + " for topic '"
                                    + rows.get(i).record().topic() + "' is not published yet: " + reason(e),
                            e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.of(new BrokerUnavailableException("interrupted while publishing", e));
            }
        }
        return Optional.ofNullable(failure);
    }

    private static String reason(Exception e) {
        return String.valueOf(
                e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    }

    private static void markSent(Connection connection, List<Long> seqs) throws SQLException {
        Array ids = connection.createArrayOf("bigint", seqs.toArray());
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE outbox SET sent_at = now() WHERE seq = ANY (?)")) {
            update.setArray(1, ids);
            update.executeUpdate();
        } finally {
            ids.free();
        }
    }
}
