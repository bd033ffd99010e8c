package dev.fermata.conductor;

import dev.fermata.conductor.http.Routes;
import dev.fermata.conductor.intake.Intake;
import dev.fermata.conductor.readmodel.ReadModel;
import dev.fermata.contracts.id.Ulid;
import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.bus.MessageHandler;
import dev.fermata.runtime.bus.TimerHandler;
import io.vertx.core.Vertx;
import java.util.List;

/** The conductor, assembled and running. Listens to every topic but the dead letters, speaks on {@code work-orders}. */
public final class Conductor implements AutoCloseable {
    private static final List<Topic> TOPICS = List.of(
            Topic.REQUESTS,
            Topic.WORK_ORDERS,
            Topic.IMPACT,
            Topic.DIRECTIVES,
            Topic.EXECUTION,
            Topic.APPROVALS,
            Topic.OUTCOMES);

    private final ServiceRuntime runtime;

    private Conductor(ServiceRuntime runtime) {
        this.runtime = runtime;
    }

    /** Returns once it listens. */
    public static Conductor start(ConductorConfig config, Vertx vertx) {
        ServiceRuntime runtime = ServiceRuntime.open("conductor", config.common(), vertx);
        try {
            var targets = config.common().targets();
            Intake intake = new Intake(targets.keySet(), Ulid.system());
            int connections = config.common().control().poolSize();
            Routes routes = new Routes(runtime, intake, targets, config.userHeader(), connections);
            runtime.start(
                    ServiceRuntime.Behaviour.deciding(TOPICS, handler(intake), TimerHandler.none(), routes::mount));
            return new Conductor(runtime);
        } catch (RuntimeException e) {
            runtime.close();
            throw e;
        }
    }

    private static MessageHandler handler(Intake intake) {
        return (envelope, work) -> {
            if (envelope.message() instanceof WorkOrderRequested request) {
                intake.accept(request, envelope.source(), work);
            } else {
                ReadModel.record(work.connection(), envelope);
            }
        };
    }

    /** Where REST, health and metrics are. */
    public int httpPort() {
        return runtime.httpPort();
    }

    @Override
    public void close() {
        runtime.close();
    }
}
