package dev.fermata.runtime.bus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.codec.Json;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
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

    public OutboxRelay(ControlStore store, Producer<String, byte[]> producer) {
        this.store = store;
        this.producer = producer;
    }

    /**
     * Publishes until the outbox is empty and everything is acknowledged. Blocks.
     *
     * @throws BrokerUnavailableException when the broker does not take it in time; the outbox keeps it
     */
    public void drain() {
        lock.lock();
        try {
            while (store.inTransaction(this::publishBatch) == BATCH) {
                // a full batch: there may be more
            }
        } finally {
            lock.unlock();
        }
    }

    private int publishBatch(Connection connection) throws SQLException {
        try (PreparedStatement own = connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtext(?))")) {
            own.setString(1, "outbox " + store.schema());
            own.execute();
        }
        List<Long> seqs = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        String sql = "SELECT seq, topic, key, headers, body FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT " + BATCH;
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                seqs.add(rows.getLong("seq"));
                records.add(record(rows));
            }
        }
        if (!records.isEmpty()) {
            send(records);
            markSent(connection, seqs);
        }
        return records.size();
    }

    private static ProducerRecord<String, byte[]> record(ResultSet row) throws SQLException {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(row.getString("topic"), row.getString("key"), row.getBytes("body"));
        try {
            Json.mapper()
                    .readValue(row.getString("headers"), HEADERS)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("headers of outbox row " + row.getLong("seq") + " are not JSON", e);
        }
        return record;
    }

    private void send(List<ProducerRecord<String, byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<String, byte[]> record : records) {
            sent.add(producer.send(record));
        }
        producer.flush();
        try {
            for (Future<RecordMetadata> each : sent) {
                each.get(SEND_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new BrokerUnavailableException(records.size() + " messages of the outbox are not published yet", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while publishing", e);
        }
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
