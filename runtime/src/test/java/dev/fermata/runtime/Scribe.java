package dev.fermata.runtime;

import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage.RequestRefused;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.bus.TimerHandler;
import dev.fermata.runtime.bus.UnitOfWork;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** The smallest service: writes down every request it gets, and answers each. What it does twice is there twice. */
public final class Scribe {
    public static final String NAME = "scribe";

    private Scribe() {}

    public static WorkOrderRequested request(String key, String document) {
        return new WorkOrderRequested(key, document, null);
    }

    /** Writes and answers. */
    public static void note(Message message, UnitOfWork work) throws SQLException {
        WorkOrderRequested request = (WorkOrderRequested) message;
        write(request.idempotencyKey(), request.document(), work);
        work.publish(answer(request.idempotencyKey(), request.document(), work));
    }

    public static void write(String key, String document, UnitOfWork work) throws SQLException {
        try (PreparedStatement insert =
                work.connection().prepareStatement("INSERT INTO entry (key, document) VALUES (?, ?)")) {
            insert.setString(1, key);
            insert.setString(2, document);
            insert.executeUpdate();
        }
    }

    public static RequestRefused answer(String key, String document, UnitOfWork work) {
        return new RequestRefused(key, "noted", document, work.now());
    }

    public static ServiceRuntime.Behaviour behaviour() {
        return behaviour((envelope, work) -> note(envelope.message(), work));
    }

    public static ServiceRuntime.Behaviour behaviour(MessageHandler handler) {
        return behaviour(handler, TimerHandler.none());
    }

    public static ServiceRuntime.Behaviour behaviour(MessageHandler handler, TimerHandler timers) {
        return ServiceRuntime.Behaviour.deciding(List.of(Topic.REQUESTS), handler, timers, router -> {});
    }

    /** Its notes in the order they were made. */
    public static List<String> notes(TestBench bench) {
        return bench.ask("select document from scribe.entry order by seq");
    }

    /** The documents of its answers; one that is on the topic twice under one id counts once. */
    public static List<String> answers(TestBench bench) {
        return bench.everythingOn(Topic.OUTCOMES).stream()
                .collect(java.util.stream.Collectors.toMap(
                        TestBench.Seen::id, seen -> seen, (first, again) -> first, java.util.LinkedHashMap::new))
                .values()
                .stream()
                .map(seen -> ((RequestRefused) seen.message()).message())
                .toList();
    }
}
