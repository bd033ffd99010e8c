package dev.fermata.supervisor;

import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.supervisor.probe.Probes;
import dev.fermata.supervisor.run.RunDecider;
import io.vertx.core.Vertx;
import java.util.List;

/**
 * The supervisor, assembled and running.
 *
 * <p>Listens to {@code work-orders}, {@code impact}, {@code execution} and {@code approvals}; speaks on {@code directives},
 * {@code approvals} and {@code outcomes}.
 */
public final class Supervisor implements AutoCloseable {
    private final ServiceRuntime runtime;
    private final ProbeLoop probes;

    private Supervisor(ServiceRuntime runtime, ProbeLoop probes) {
        this.runtime = runtime;
        this.probes = probes;
    }

    /** Returns once it listens. */
    public static Supervisor start(SupervisorConfig config, Vertx vertx) {
        ServiceRuntime runtime = ServiceRuntime.open("supervisor", config.common(), vertx);
        Desk desk = new Desk(new RunDecider(config.decisions()), config.common().targets());
        runtime.start(ServiceRuntime.Behaviour.deciding(
                List.of(Topic.WORK_ORDERS, Topic.IMPACT, Topic.EXECUTION, Topic.APPROVALS), desk, desk, router -> {}));
        ProbeLoop probes = new ProbeLoop(
                runtime, desk, config.common().targets(), new Probes(vertx, config.probeHosts()), config.probeEvery());
        probes.start();
        return new Supervisor(runtime, probes);
    }

    /** Where health and metrics are. */
    public int httpPort() {
        return runtime.httpPort();
    }

    @Override
    public void close() {
        probes.close();
        runtime.close();
    }
}
