package dev.fermata.conductor.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Nearest;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.OutcomeMessage.RequestRefused;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderAmended;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.Authorship;
import dev.fermata.contracts.order.Problem;
import dev.fermata.contracts.order.Sources;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.order.WorkOrderFile;
import dev.fermata.contracts.order.WorkOrderFileException;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.bus.UnitOfWork;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Accepts work orders, each once, and publishes them. Thread-safe; every method belongs to the caller's unit of work. */
public final class Intake {
    private static final String DISPLAY_NAME = "work order";

    private static final Set<String> AMENDABLE = Set.of(
            RunState.ISSUED.wire(),
            RunState.ANALYSING.wire(),
            RunState.PREPARING.wire(),
            RunState.AWAITING_APPROVAL.wire(),
            RunState.SCHEDULED.wire(),
            RunState.CHANGES_REQUESTED.wire());

    private final Set<String> targets;
    private final Ulid ulids;

    /** Takes the names of the registry. */
    public Intake(Set<String> targets, Ulid ulids) {
        this.targets = Set.copyOf(targets);
        this.ulids = ulids;
    }

    /**
     * Bytes that came over a wire as text.
     *
     * @throws RefusedException when they are none
     */
    public static String decode(byte[] bytes) {
        try {
            return WorkOrderFile.decode(bytes, DISPLAY_NAME);
        } catch (WorkOrderFileException e) {
            throw RefusedException.document(e);
        }
    }

    /**
     * Reads a document and checks it against the registry. Stores nothing.
     *
     * @throws RefusedException naming everything that is wrong
     */
    public WorkOrder read(String document, Authorship authorship) {
        WorkOrder order;
        try {
            order = WorkOrderFile.parse(document, DISPLAY_NAME, Sources.none(), authorship)
                    .order();
        } catch (WorkOrderFileException e) {
            throw RefusedException.document(e);
        }
        refuseNonText("", Json.mapper().valueToTree(order));
        List<Problem> unknown = new ArrayList<>();
        for (int i = 0; i < order.targets().size(); i++) {
            String target = order.targets().get(i);
            if (!targets.contains(target)) {
                unknown.add(new Problem("unknown-target", unknownTarget(target), 0, 0, "/targets/" + i));
            }
        }
        if (!unknown.isEmpty()) {
            String message = unknown.stream().map(Problem::message).collect(Collectors.joining("; "));
            throw new RefusedException(422, "unknown-target", message, unknown);
        }
        return order;
    }

    /** Escapes can bring in what no document may hold and no database keeps: NUL and halves of characters. */
    private static void refuseNonText(String pointer, JsonNode node) {
        if (node.isTextual() && !node.asText().codePoints().allMatch(Intake::isText)) {
            throw RefusedException.field(
                    422, "not-text", pointer, "it holds a NUL or half a character (expected: text); remove it");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            refuseNonText(pointer + "/" + field.getKey(), field.getValue());
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            refuseNonText(pointer + "/" + i, node.get(i));
        }
    }

    private static boolean isText(int codePoint) {
        return codePoint != 0 && Character.getType(codePoint) != Character.SURROGATE;
    }

    private String unknownTarget(String target) {
        String hint = Nearest.of(target, new TreeSet<>(targets))
                .map(near -> "did you mean '" + near + "'?")
                .orElse(targets.isEmpty() ? "it is empty" : "it has " + String.join(", ", new TreeSet<>(targets)));
        return "target '" + target + "' is not in the registry (" + hint + ")";
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
        if (key != null) {
            Optional<WorkOrderId> known = IdempotencyKeys.find(work.connection(), principal, key, document);
            if (known.isPresent()) {
                return known.get();
            }
        }
        WorkOrder order = read(document, authorship);
        WorkOrderId id = WorkOrderId.next(ulids);
        List<RunId> runs = runs(id, order);
        OrderStore.insert(work.connection(), id, order, runs);
        if (key != null) {
            IdempotencyKeys.remember(work.connection(), principal, key, document, id);
        }
        work.publish(new WorkOrderIssued(id, 1, order, runs, work.now()));
        return id;
    }

    private static List<RunId> runs(WorkOrderId id, WorkOrder order) {
        return order.targets().stream().map(target -> new RunId(id, target)).toList();
    }

    /** A document that came on the topic {@code requests}: refusals are told on {@code outcomes}. */
    public void accept(WorkOrderRequested message, String source, UnitOfWork work) throws SQLException {
        try {
            String author = message.author();
            Authorship authorship = author == null ? Authorship.document() : Authorship.documentOr(author);
            accept(message.document(), source, message.idempotencyKey(), authorship, work);
        } catch (RefusedException e) {
            work.publish(
                    new RequestRefused(message.idempotencyKey(), e.code(), String.valueOf(e.getMessage()), work.now()));
        }
    }

    /**
     * The next revision of an order that has not touched its targets yet.
     *
     * @throws RefusedException when there is no such order, or it can no longer be amended, or not like this
     */
    public int amend(WorkOrderId id, String document, Authorship authorship, Actor by, UnitOfWork work)
            throws SQLException {
        int revision = 1 + OrderStore.lockRevision(work.connection(), id).orElseThrow(() -> notFound(id.value()));
        WorkOrder order = read(document, authorship);
        Map<String, String> states = OrderStore.runStates(work.connection(), id);
        states.forEach(Intake::refuseTooLate);
        if (!states.keySet().equals(Set.copyOf(order.targets()))) {
            throw RefusedException.field(
                    422,
                    "targets-changed",
                    "/targets",
                    order.targets() + " (expected: " + states.keySet() + ", as before; post another order for others)");
        }
        OrderStore.amend(work.connection(), id, revision, order, by);
        work.publish(new WorkOrderAmended(id, revision, order, runs(id, order), by, work.now()));
        return revision;
    }

    private static void refuseTooLate(String target, String state) {
        if (!AMENDABLE.contains(state)) {
            throw new RefusedException(
                    409,
                    "not-pending",
                    "the run on '" + target + "' is " + state + "; it can no longer be amended, post another order");
        }
    }

    /** There is no order of this id. */
    public static RefusedException notFound(String id) {
        return new RefusedException(404, "not-found", "no work order '" + id + "'; GET /v1/work-orders lists them");
    }
}
