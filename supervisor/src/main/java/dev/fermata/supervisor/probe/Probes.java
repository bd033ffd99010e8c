package dev.fermata.supervisor.probe;

import dev.fermata.contracts.order.WorkOrder.Probe;
import dev.fermata.runtime.config.TargetConfig;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks at one application. What is told of a failure is the probe's name, SQLSTATE or status, and time: never data of the
 * application. Thread-safe.
 */
public final class Probes {
    static final Duration LONGEST = Duration.ofSeconds(10);

    private final HttpProbe http;

    /**
     * @param vertx shared; not closed here
     * @param httpHosts that HTTP probes may ask
     */
    public Probes(Vertx vertx, List<String> httpHosts) {
        this.http = new HttpProbe(vertx, httpHosts);
    }

    /** Every problem found, in the order of the probes; empty when the application is well. Blocks. */
    public List<String> look(TargetConfig target, List<Probe> ofOrder) throws InterruptedException {
        List<Probe> probes = new ArrayList<>(ofOrder);
        target.probes().forEach((name, sql) -> probes.add(new Probe(name, sql, null, null, null)));
        List<String> problems = new ArrayList<>();
        for (Probe probe : probes) {
            look(target, probe).ifPresent(problem -> problems.add("probe '" + probe.name() + "' " + problem));
        }
        return problems;
    }

    private Optional<String> look(TargetConfig target, Probe probe) throws InterruptedException {
        long begin = System.nanoTime();
        Optional<String> problem = ask(target, probe);
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        Long limit = probe.maxMillis();
        if (problem.isEmpty() && limit != null && millis > limit) {
            return Optional.of("took longer than " + limit + " ms");
        }
        return problem;
    }

    private Optional<String> ask(TargetConfig target, Probe probe) throws InterruptedException {
        String sql = probe.sql();
        String url = probe.http();
        if (sql != null) {
            return SqlProbe.ask(target, sql);
        }
        if (url != null) {
            return http.ask(url);
        }
        return Optional.of("is a PromQL probe, which this version cannot ask");
    }
}
