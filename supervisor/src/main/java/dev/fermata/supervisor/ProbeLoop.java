package dev.fermata.supervisor;

import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.supervisor.probe.Probes;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the application of every run that is to be watched, and hands what it saw to the decision. */
final class ProbeLoop implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(ProbeLoop.class);
    private static final Duration TICK = Duration.ofMillis(100);

    /** After this somebody else looks: the one who did is gone. */
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(2);

    private final ServiceRuntime runtime;
    private final Desk desk;
    private final Map<String, TargetConfig> targets;
    private final Duration every;
    private final Probes probes;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().name("probes").unstarted(this::run);

    ProbeLoop(ServiceRuntime runtime, Desk desk, Map<String, TargetConfig> targets, Probes probes, Duration every) {
        this.runtime = runtime;
        this.desk = desk;
        this.targets = targets;
        this.probes = probes;
        this.every = every;
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!stopping.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                tick();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        try {
            List<Run> due = runtime.store().inTransaction(connection -> RunStore.claimProbes(connection, LONGEST_LOOK));
            for (Run run : due) {
                Thread.ofVirtual().name("probe-" + run.id()).start(() -> look(run));
            }
        } catch (RuntimeException e) {
            LOGGER.atWarn().addKeyValue("error", e.getMessage()).log("probes not claimed; tried again");
        }
    }

    private void look(Run run) {
        try {
            List<String> problems = problems(run);
            RunEvent.Probed probed = new RunEvent.Probed(problems.isEmpty(), String.join("; ", problems));
            runtime.transactions().inTransaction(null, work -> {
                desk.decide(run.id(), probed, work);
                RunStore.probed(work.connection(), run.id(), every);
                return run.id();
            });
            runtime.relay().nudge();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOGGER.atWarn()
                    .addKeyValue("runId", run.id())
                    .addKeyValue("error", e.getMessage())
                    .log("observation not recorded; looked again");
        }
    }

    /** Who cannot look does not know that all is well. */
    private List<String> problems(Run run) throws InterruptedException {
        TargetConfig target = targets.get(run.id().target());
        if (target == null) {
            return List.of("target '" + run.id().target() + "' is not in the registry of this supervisor");
        }
        try {
            return probes.look(target, run.order().probes());
        } catch (RuntimeException e) {
            return List.of("the probes cannot be asked (" + e.getClass().getSimpleName() + ")");
        }
    }

    @Override
    public void close() {
        stopping.countDown();
        try {
            thread.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
