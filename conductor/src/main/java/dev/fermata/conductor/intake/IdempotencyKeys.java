package dev.fermata.conductor.intake;

import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.CanonicalJson;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Which order each key made. A key belongs to who sent it. */
final class IdempotencyKeys {
    private static final int LONGEST = 200;

    private IdempotencyKeys() {}

    /**
     * The order that the same key made before, empty for a new key. Until the transaction ends nobody else gets an answer for
     * this key, so the second of two at once waits for the first.
     *
     * @throws RefusedException when it made one of another document
     */
    static Optional<WorkOrderId> find(Connection connection, String principal, String key, String document)
            throws SQLException {
        check(key);
        lock(connection, principal + "\n" + key);
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT body_hash, order_id FROM idempotency_key WHERE principal = ? AND key = ?")) {
            select.setString(1, principal);
            select.setString(2, key);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                if (!row.getString(1).equals(hash(document))) {
                    throw new RefusedException(
                            422,
                            "idempotency-mismatch",
                            "Idempotency-Key '" + key + "' was used for another document (order " + row.getString(2)
                                    + "); use another key for another order");
                }
                return Optional.of(new WorkOrderId(row.getString(2)));
            }
        }
    }

    static void remember(Connection connection, String principal, String key, String document, WorkOrderId id)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO idempotency_key (principal, key, body_hash, order_id) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, principal);
            insert.setString(2, key);
            insert.setString(3, hash(document));
            insert.setString(4, id.value());
            insert.executeUpdate();
        }
    }

    private static void lock(Connection connection, String what) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, what);
            lock.execute();
        }
    }

    private static String hash(String document) {
        return CanonicalJson.sha256(document.getBytes(StandardCharsets.UTF_8));
    }

    private static void check(String key) {
        if (key.isBlank() || key.length() > LONGEST || key.chars().anyMatch(Character::isISOControl)) {
            throw new RefusedException(
                    400,
                    "bad-idempotency-key",
                    "Idempotency-Key: " + key.length() + " characters (expected: 1 to " + LONGEST
                            + ", none of them a control character)");
        }
    }
}
