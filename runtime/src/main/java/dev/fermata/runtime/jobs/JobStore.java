package dev.fermata.runtime.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.fermata.contracts.codec.CloudEvents;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.codec.UnreadableMessageException;
import dev.fermata.contracts.json.Json;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of jobs as one worker sees it. Each method belongs to a transaction that the caller owns. Renewing, ending and
 * giving back prove ownership in their WHERE clause: owner and attempt, as a worker that comes back under its old name must
 * not take its old claim for a new one.
 */
final class JobStore {
    private static final Logger LOGGER = LoggerFactory.getLogger(JobStore.class);
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};
    private static final int MOST_AT_ONCE = 16;
    private static final String OWNED = "key = ? AND epoch = ? AND attempt = ? AND owner = ? AND state = 'open'";

    private final String worker;
    private final Duration lease;

    JobStore(String worker, Duration lease) {
        this.worker = worker;
        this.lease = lease;
    }

    /** Those that are to begin at once, and as many others as there are places for, oldest first. */
    List<Job> claim(Connection connection, Collection<String> except, int places) throws SQLException {
        List<Job> claimed = new ArrayList<>(claim(connection, except, MOST_AT_ONCE, true));
        if (places > 0) {
            claimed.addAll(claim(connection, except, places, false));
        }
        return claimed;
    }

    /** Takes open jobs that nobody holds; those with the keys given are left alone. */
    private List<Job> claim(Connection connection, Collection<String> except, int atMost, boolean atOnce)
            throws SQLException {
        String sql = """
            WITH next AS MATERIALIZED (
                SELECT key FROM job
                WHERE state = 'open' AND (lease_until IS NULL OR lease_until < now()) AND key <> ALL (?)
                AND starts_with(reverse(key), reverse(?)) = ?
                ORDER BY accepted_at, key LIMIT ? FOR UPDATE SKIP LOCKED)
            UPDATE job SET owner = ?, attempt = attempt + 1, lease_until = now() + ? * interval '1 millisecond'
            FROM next WHERE job.key = next.key
            RETURNING job.key, epoch, attempt, headers, body
            """;
        List<Job> claimed = new ArrayList<>();
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setArray(1, connection.createArrayOf("text", except.toArray()));
            update.setString(2, Job.AT_ONCE);
            update.setBoolean(3, atOnce);
            update.setInt(4, atMost);
            update.setString(5, worker);
            update.setLong(6, lease.toMillis());
            try (ResultSet rows = update.executeQuery()) {
                while (rows.next()) {
                    job(rows).ifPresent(claimed::add);
                }
            }
        }
        return claimed;
    }

    /** One that this version cannot read keeps its lease, so that it holds up no other and is looked at again. */
    private static Optional<Job> job(ResultSet row) throws SQLException {
        String key = row.getString("key");
        try {
            Envelope envelope =
                    CloudEvents.read(Json.mapper().readValue(row.getString("headers"), HEADERS), row.getBytes("body"));
            return Optional.of(new Job(key, row.getLong("epoch"), row.getInt("attempt"), envelope));
        } catch (UnreadableMessageException | JsonProcessingException e) {
            LOGGER.atError().addKeyValue("runId", key).setCause(e).log("job holds no message of this version");
            return Optional.empty();
        }
    }

    /** How many jobs nobody holds. */
    static int waiting(Connection connection) throws SQLException {
        String sql = "SELECT count(*) FROM job WHERE state = 'open' AND (lease_until IS NULL OR lease_until < now())";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Begins the lease anew; false when the job is not this worker's any more. */
    boolean renew(Connection connection, Job job) throws SQLException {
        String sql = "UPDATE job SET lease_until = now() + ? * interval '1 millisecond' WHERE " + OWNED;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, lease.toMillis());
            identify(update, 2, job);
            return update.executeUpdate() == 1;
        }
    }

    /** Locks the job, so that nobody takes it before the transaction ends; false when it is not this worker's. */
    boolean prove(Connection connection, Job job) throws SQLException {
        return update(connection, "UPDATE job SET lease_until = lease_until WHERE " + OWNED, job);
    }

    boolean finish(Connection connection, Job job) throws SQLException {
        return update(
                connection, "UPDATE job SET state = 'done', owner = NULL, lease_until = NULL WHERE " + OWNED, job);
    }

    /** So that somebody continues it at once. */
    boolean giveBack(Connection connection, Job job) throws SQLException {
        return update(connection, "UPDATE job SET owner = NULL, lease_until = NULL WHERE " + OWNED, job);
    }

    private boolean update(Connection connection, String sql, Job job) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            identify(update, 1, job);
            return update.executeUpdate() == 1;
        }
    }

    /** The parameters of {@link #OWNED}. */
    private void identify(PreparedStatement update, int first, Job job) throws SQLException {
        update.setString(first, job.key());
        update.setLong(first + 1, job.epoch());
        update.setInt(first + 2, job.attempt());
        update.setString(first + 3, worker);
    }
}
