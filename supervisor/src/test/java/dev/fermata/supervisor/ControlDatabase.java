package dev.fermata.supervisor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.runtime.config.ControlConfig;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.store.ControlStore;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunDecider;
import dev.fermata.supervisor.run.Settings;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The supervisor's schema in a control database of its own, and units of work on it that keep what they say. */
final class ControlDatabase implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    static final Settings SETTINGS = new Settings(
            Duration.ofMinutes(5), Duration.ofSeconds(15), 3, Duration.ofHours(24), Duration.ofDays(7), 3, List.of());

    final TestDatabase database = RealPostgres.shared().newDatabase();
    final ControlConfig config = new ControlConfig(
            RealPostgres.shared().host(),
            RealPostgres.shared().port(),
            database.name(),
            database.user(),
            new Secret(database.password()),
            4,
            Duration.ofSeconds(10));
    final ControlStore store = ControlStore.open(config, "supervisor");

    /** One whose application is looked at, with texts that columns of JSON refuse. */
    static Run watched(RunId id, List<WorkOrder.Probe> probes) {
        return in(RunState.SOAKING, id, probes);
    }

    /** One that came there somehow. */
    static Run in(RunState state, RunId id, List<WorkOrder.Probe> probes) {
        WorkOrder bare = WorkOrder.of("n", "ada@example.org", List.of(id.target()), "SELECT '\u00e4 \u0001'", null);
        ObjectNode run = Json.mapper()
                .valueToTree(new RunDecider(SETTINGS)
                        .begin(id, 1, bare, "staging", true, NOW)
                        .next());
        run.put("state", state.wire()).put("reason", "a \u0000 in what a server said");
        ((ObjectNode) run.path("order")).set("probes", Json.mapper().valueToTree(probes));
        return Json.mapper().convertValue(run, Run.class);
    }

    /** Something that is decided. */
    @FunctionalInterface
    interface Decided {
        void by(UnitOfWork work) throws SQLException;
    }

    /** What one unit of work did. */
    record Done(List<Message> said, List<String> timers) {
        <T extends Message> List<T> said(Class<T> type) {
            return said.stream().filter(type::isInstance).map(type::cast).toList();
        }
    }

    void save(Run run) {
        store.inTransaction(connection -> {
            RunStore.save(connection, run);
            return run;
        });
    }

    Optional<Run> stored(RunId id) {
        return store.inTransaction(connection -> RunStore.lock(connection, id));
    }

    /** In one transaction, which is committed. */
    Done work(Decided decided) {
        Done done = new Done(new ArrayList<>(), new ArrayList<>());
        store.inTransaction(connection -> {
            decided.by(new Recorded(connection, done));
            return done;
        });
        return done;
    }

    /** On another thread. */
    CompletableFuture<Done> meanwhile(Decided decided) {
        CompletableFuture<Done> future = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                future.complete(work(decided));
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    @Override
    public void close() {
        store.close();
        database.close();
    }

    private record Recorded(Connection connection, Done done) implements UnitOfWork {
        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public void publish(Message message) {
            done.said().add(message);
        }

        @Override
        public void startTimer(String key, String kind, Instant due, String payload) {
            done.timers().add(kind);
        }

        @Override
        public void cancelTimer(String key, String kind) {
            done.timers().remove(kind);
        }

        @Override
        public boolean acceptJob(String key, long epoch, Message message) {
            throw new UnsupportedOperationException("the supervisor has no jobs");
        }

        @Override
        public @Nullable String traceparent() {
            return null;
        }
    }
}
