package dev.fermata.conductor.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.codec.CanonicalJson;
import dev.fermata.contracts.codec.Json;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.OutcomeMessage.RequestRefused;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.Authorship;
import dev.fermata.contracts.order.Sources;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrderFile;
import dev.fermata.contracts.order.WorkOrderFileException;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.bus.UnitOfWork;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Accepts work orders, each once, and publishes them. Thread-safe; every method belongs to the caller's unit of work. */
public final class Intake {
    private static final int LONGEST_KEY = 200;

    private final Set<String> targets;
    private final Ulid ulids;

    /** Names of the registry. */
    public Intake(Set<String> targets, Ulid ulids) {
        this.targets = Set.copyOf(targets);
        this.ulids = ulids;
    }

    /**
     * Accepts a document, or finds the order that the same key made before.
     *
     * @param principal whose key it is
     * @param key null where the sender gave none
     * @throws RefusedException when it is not accepted; nothing was stored
     */
    public WorkOrderId accept(
            String document, String principal, @Nullable String key, Authorship authorship, UnitOfWork work)
            throws SQLException {
        String hash = CanonicalJson.sha256(document.getBytes(StandardCharsets.UTF_8));
        if (key != null) {
            checkKey(key);
            Optional<WorkOrderId> known = known(work.connection(), principal, key, hash);
            if (known.isPresent()) {
                return known.get();
            }
        }
        WorkOrder order = read(document, authorship);
        WorkOrderId id = WorkOrderId.next(ulids);
        List<RunId> runs = order.targets().stream().map(target -> new RunId(id, target)).toList();
        insert(work.connection(), id, order, runs);
        if (key != null) {
            rememberKey(work.connection(), principal, key, hash, id);
        }
        work.publish(new WorkOrderIssued(id, 1, order, runs, work.now()));
        return id;
    }

    /** A document that came by the topic {@code requests}: refusals are told on {@code outcomes}. */
    public void accept(WorkOrderRequested request, String source, UnitOfWork work) throws SQLException {
        try {
            String author = request.author();
            Authorship authorship = author == null ? Authorship.document() : Authorship.documentOr(author);
            accept(request.document(), source, request.idempotencyKey(), authorship, work);
        } catch (RefusedException e) {
            work.publish(new RequestRefused(
                    request.idempotencyKey(), e.code(), String.valueOf(e.getMessage()), work.now()));
        }
    }

    /** The next revision of an order that has not touched its targets yet. */
    public int amend(WorkOrderId id, String document, Actor by, UnitOfWork work) throws SQLException {
        WorkOrder order = read(document, Authorship.documentOr(by.name()));
        int revision = lockRevision(work.connection(), id) + 1;
        Set<String> before = runTargets(work.connection(), id);
        if (!before.equals(Set.copyOf(order.targets()))) {
            throw new RefusedException(
                    422, "targets-changed", "an amendment keeps its targets " + before + "; post another order for others");
        }
        update(work.connection(), id, revision, order);
        List<RunId> runs = order.targets().stream().map(target -> new RunId(id, target)).toList();
        work.publish(new WorkOrderAmended(id, revision, order, runs, by, work.now()));
        return revision;
    }

    private WorkOrder read(String document, Authorship authorship) {
        WorkOrder order;
        try {
            order = WorkOrderFile.parse(document, "work order", Sources.none(), authorship).order();
        } catch (WorkOrderFileException e) {
            throw new RefusedException(422, "validation-failed", String.valueOf(e.getMessage()), e.problems());
        }
        for (String target : order.targets()) {
            if (!targets.contains(target)) {
                throw new RefusedException(
                        422,
                        "unknown-target",
                        "target '" + target + "' is not in the registry ("
                                + Nearest.of(target, targets)
                                        .map(near -> "did you mean '" + near + "'?")
                                        .orElse("it has " + targets.stream().sorted().collect(Collectors.joining(", "))) + ")");
            }
        }
        return order;
    }

    private static void checkKey(String key) {
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            throw new RefusedException(
                    400, "bad-idempotency-key", "Idempotency-Key: 1 to " + LONGEST_KEY + " characters expected");
        }
    }

    private static Optional<WorkOrderId> known(Connection connection, String principal, String key, String hash)
            throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))")) {
            lock.setString(1, principal + "\n" + key); // the second of two at once waits for the first
            lock.execute();
        }
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT body_hash, order_id FROM idempotency_key WHERE principal = ? AND key = ?")) {
            select.setString(1, principal);
            select.setString(2, key);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                if (!row.getString(1).equals(hash)) {
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

    private static void rememberKey(Connection connection, String principal, String key, String hash, WorkOrderId id)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO idempotency_key (principal, key, body_hash, order_id) VALUES (?, ?, ?, ?)")) {
            insert.setString(1, principal);
            insert.setString(2, key);
            insert.setString(3, hash);
            insert.setString(4, id.value());
            insert.executeUpdate();
        }
    }

    private static void insert(Connection connection, WorkOrderId id, WorkOrder order, List<RunId> runs)
            throws SQLException {
        String sql = """
                INSERT INTO work_order (order_id, revision, name, title, author, body) VALUES (?, 1, ?, ?, ?, ?::jsonb)
                """;
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, id.value());
            insert.setString(2, order.name());
            insert.setString(3, order.title());
            insert.setString(4, order.author());
            insert.setString(5, json(order));
            insert.executeUpdate();
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO run (run_id, order_id, target, revision, state, reason) VALUES (?, ?, ?, 1, ?, 'accepted')")) {
            for (RunId run : runs) {
                insert.setString(1, run.toString());
                insert.setString(2, id.value());
                insert.setString(3, run.target());
                insert.setString(4, RunState.ISSUED.wire());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static int lockRevision(Connection connection, WorkOrderId id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT revision FROM work_order WHERE order_id = ? FOR UPDATE")) {
            select.setString(1, id.value());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new RefusedException(404, "not-found", "no work order '" + id + "'");
                }
                return row.getInt(1);
            }
        }
    }

    private static Set<String> runTargets(Connection connection, WorkOrderId id) throws SQLException {
        Set<String> found = new TreeSet<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT target, state FROM run WHERE order_id = ?")) {
            select.setString(1, id.value());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                    String state = rows.getString(2);
                    if (!AMENDABLE.contains(state)) {
                        throw new RefusedException(
                                409, "not-pending", "run on '" + rows.getString(1) + "' is " + state + "; it can no longer be amended");
                    }
                }
            }
        }
        return found;
    }

    private static final Set<String> AMENDABLE = Set.of(
            RunState.ISSUED.wire(),
            RunState.ANALYSING.wire(),
            RunState.PREPARING.wire(),
            RunState.AWAITING_APPROVAL.wire(),
            RunState.SCHEDULED.wire(),
            RunState.CHANGES_REQUESTED.wire());

    private static void update(Connection connection, WorkOrderId id, int revision, WorkOrder order) throws SQLException {
        String sql = """
                UPDATE work_order SET revision = ?, name = ?, title = ?, body = ?::jsonb, updated_at = now()
                WHERE order_id = ?
                """;
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setInt(1, revision);
            update.setString(2, order.name());
            update.setString(3, order.title());
            update.setString(4, json(order));
            update.setString(5, id.value());
            update.executeUpdate();
        }
    }

    private static String json(Object value) {
        try {
            return Json.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a work order is always JSON", e);
        }
    }
}
