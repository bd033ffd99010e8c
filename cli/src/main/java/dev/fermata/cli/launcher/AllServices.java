package dev.fermata.cli.launcher;

import dev.fermata.runtime.config.ConfigSource;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several services in this process. The conductor gets the given port, the others any free one. */
public final class AllServices implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(AllServices.class);
    private static final Duration VERTX_DEADLINE = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final List<ServiceName.Running> running;

    private AllServices(Vertx vertx, List<ServiceName.Running> running) {
        this.vertx = vertx;
        this.running = running;
    }

    /** Starts them one after the other, each ready before the next. */
    public static AllServices start(
            List<ServiceName> names, Optional<Path> file, Map<String, String> settings, int conductorPort) {
        Vertx vertx = Vertx.vertx();
        AllServices all = new AllServices(vertx, new ArrayList<>());
        try {
            for (ServiceName name : names) {
                Map<String, String> own = new HashMap<>(settings);
                own.put("http.port", Integer.toString(name == ServiceName.CONDUCTOR ? conductorPort : 0));
                all.running.add(name.start(ConfigSource.of(file, System.getenv(), own), vertx));
            }
            return all;
        } catch (RuntimeException e) {
            all.close();
            throw e;
        }
    }

    /** The port of a service that was started. */
    public int port(ServiceName name) {
        return running.stream()
                .filter(r -> r.name() == name)
                .findFirst()
                .orElseThrow()
                .httpPort();
    }

    public List<ServiceName.Running> running() {
        return List.copyOf(running);
    }

    @Override
    public void close() {
        List<ServiceName.Running> backwards = new ArrayList<>(running);
        Collections.reverse(backwards);
        for (ServiceName.Running each : backwards) {
            closing(each.name().wire(), each.service());
        }
        closing("vertx", () -> vertx.close()
                .toCompletionStage()
                .toCompletableFuture()
                .get(VERTX_DEADLINE.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static void closing(String what, AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOGGER.atWarn().addKeyValue("service", what).setCause(e).log("did not close in order");
        }
    }
}
