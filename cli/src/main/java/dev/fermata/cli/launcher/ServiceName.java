package dev.fermata.cli.launcher;

import dev.fermata.analysis.AnalysisConfig;
import dev.fermata.analysis.AnalysisWorker;
import dev.fermata.conductor.Conductor;
import dev.fermata.conductor.ConductorConfig;
import dev.fermata.execution.ExecutionConfig;
import dev.fermata.execution.ExecutionWorker;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.supervisor.Supervisor;
import dev.fermata.supervisor.SupervisorConfig;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The four services, by the names under which they are started. */
public enum ServiceName {
    CONDUCTOR("conductor") {
        @Override
        Running start(ConfigSource source, Vertx vertx) {
            Conductor service = Conductor.start(ConductorConfig.read(source), vertx);
            return new Running(this, service.httpPort(), service);
        }
    },
    WORKER_ANALYSIS("worker-analysis") {
        @Override
        Running start(ConfigSource source, Vertx vertx) {
            AnalysisWorker service = AnalysisWorker.start(AnalysisConfig.read(source), vertx);
            return new Running(this, service.httpPort(), service);
        }
    },
    WORKER_EXECUTION("worker-execution") {
        @Override
        Running start(ConfigSource source, Vertx vertx) {
            ExecutionWorker service = ExecutionWorker.start(ExecutionConfig.read(source), vertx);
            return new Running(this, service.httpPort(), service);
        }
    },
    SUPERVISOR("supervisor") {
        @Override
        Running start(ConfigSource source, Vertx vertx) {
            Supervisor service = Supervisor.start(SupervisorConfig.read(source), vertx);
            return new Running(this, service.httpPort(), service);
        }
    };

    /** A service that was started; closing it drains it. */
    public record Running(ServiceName name, int httpPort, AutoCloseable service) {}

    private final String wire;

    ServiceName(String wire) {
        this.wire = wire;
    }

    /** Reads the settings and starts the service; throws with everything that is wrong with the settings. */
    abstract Running start(ConfigSource source, Vertx vertx);

    public String wire() {
        return wire;
    }

    static Optional<ServiceName> find(String name) {
        return Arrays.stream(values()).filter(s -> s.wire.equals(name)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(ServiceName::wire).toList();
    }
}
