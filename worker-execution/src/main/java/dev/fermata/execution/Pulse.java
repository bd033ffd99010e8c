package dev.fermata.execution;

import dev.fermata.contracts.message.ExecutionMessage.Heartbeat;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.runtime.jobs.JobContext;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says that the worker is alive, at a steady pace, as long as the job lasts. */
final class Pulse implements AutoCloseable {
    private final CountDownLatch stopping = new CountDownLatch(1);

    private Pulse() {}

    static Pulse start(Scope scope, JobContext context, String activity, Duration every, Clock clock) {
        Pulse pulse = new Pulse();
        Thread.ofVirtual().name("pulse-" + scope.run()).start(() -> {
            try {
                do {
                    context.mention(new Heartbeat(
                            scope.run(), scope.revision(), scope.epoch(), context.worker(), activity, clock.instant()));
                } while (!pulse.stopping.await(every.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return pulse;
    }

    @Override
    public void close() {
        stopping.countDown();
    }
}
