package dev.fermata.runtime.jobs;

import static dev.fermata.runtime.TestBench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.message.RequestMessage.WorkOrderRequested;
import dev.fermata.contracts.message.Topic;
import dev.fermata.runtime.Scribe;
import dev.fermata.runtime.ServiceRuntime;
import dev.fermata.runtime.TestBench;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BackPressureTest {
    @Test
    void partitionsPauseWhileTooManyJobsWaitAndResumeWhenTheyAreDone() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (TestBench bench = TestBench.onSharedServers()) {
            ServiceRuntime runtime = bench.start(
                    Scribe.NAME,
                    ServiceRuntime.Behaviour.working(
                            List.of(Topic.REQUESTS),
                            (envelope, work) -> {
                                WorkOrderRequested request = (WorkOrderRequested) envelope.message();
                                work.acceptJob(request.idempotencyKey(), 1, request);
                            },
                            new JobSettings(2, 3, Duration.ofSeconds(10), Duration.ofSeconds(5)),
                            (job, context) -> {
                                gate.await();
                                context.finish(List.of(JobBench.words(job, job.key())));
                            }));
            for (int i = 0; i < 5; i++) {
                bench.send(Scribe.request("first-" + i, "x"));
            }
            eventually(() -> {
                assertThat(runtime.meters().get("fermata.jobs.running").gauge().value())
                        .isEqualTo(2);
                assertThat(runtime.meters().get("fermata.jobs.waiting").gauge().value())
                        .isEqualTo(3);
            });
            for (int i = 0; i < 30; i++) {
                bench.send(Scribe.request("second-" + i, "x"));
            }
            Awaitility.await()
                    .during(Duration.ofMillis(1500))
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(bench.ask("select count(*) from scribe.job"))
                            .containsExactly("5"));
            gate.countDown();
            eventually(() -> assertThat(bench.ask("select count(*) from scribe.job where state = 'done'"))
                    .containsExactly("35"));
        }
    }
}
