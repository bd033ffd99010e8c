package dev.fermata.runtime.jobs;

import static dev.fermata.runtime.TestBench.eventually;
import static dev.fermata.runtime.jobs.JobBench.LONG;
import static dev.fermata.runtime.jobs.JobBench.SHORT;
import static dev.fermata.runtime.jobs.JobBench.settings;
import static dev.fermata.runtime.jobs.JobBench.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class JobRunnerTest {
    private final JobBench bench = new JobBench();
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() throws Exception {
        never.countDown();
        bench.close();
    }

    @Test
    void runsNotMoreAtATimeThanItMay() {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            bench.accept("job-" + i, 1);
        }
        bench.start("one", settings(3, LONG), (job, context) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            TimeUnit.MILLISECONDS.sleep(20);
            now.decrementAndGet();
            context.finish(List.of(words(job, job.key())));
        });
        eventually(() -> assertThat(bench.said()).hasSize(20).doesNotHaveDuplicates());
        assertThat(most).hasValue(3);
    }

    @Test
    void aJobThatOutlastsItsLeaseIsKeptAsLongAsItsOwnerLives() throws Exception {
        bench.accept("k", 1);
        Queue<String> runs = new ConcurrentLinkedQueue<>();
        JobHandler handler = (job, context) -> {
            runs.add(context.worker() + " attempt " + job.attempt());
            TimeUnit.MILLISECONDS.sleep(2500);
            context.finish(List.of(words(job, "done")));
        };
        bench.start("one", settings(1, SHORT), handler);
        eventually(() -> assertThat(runs).hasSize(1));
        bench.start("two", settings(1, SHORT), handler);
        eventually(() -> assertThat(bench.said()).containsExactly("done"));
        assertThat(runs).containsExactly("one attempt 1");
    }

    /** Else a message that replaces several jobs at once and the one who renews them could wait for each other. */
    @Test
    void whoRenewsTwoJobsHoldsNoneWhileWaitingForTheOther() {
        bench.accept("a", 1);
        bench.accept("b", 1);
        CountDownLatch started = new CountDownLatch(2);
        bench.start("one", settings(2, LONG), (job, context) -> {
            started.countDown();
            never.await();
        });
        eventually(() -> assertThat(started.getCount()).isZero());
        List.of("a", "b").forEach(held -> {
            String other = held.equals("a") ? "b" : "a";
            bench.whileLocked(held, () -> {
                eventually(() -> assertThat(bench.waiting()).isOne());
                assertThat(bench.isLocked(other)).isFalse();
            });
        });
    }

    @Test
    void aHungOwnerLosesTheJobToAnotherAndIsNotHeardAgain() {
        bench.accept("k", 1);
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch wakesUp = new CountDownLatch(1);
        CompletableFuture<List<Throwable>> afterwards = new CompletableFuture<>();
        JobBench.Worker hung = bench.start("hung", settings(1, SHORT), (job, context) -> {
            hanging.countDown();
            awaitDeafly(wakesUp);
            afterwards.complete(List.of(
                    thrownBy(() -> context.publish(words(job, "late"))),
                    thrownBy(() -> context.finish(List.of(words(job, "late")))),
                    thrownBy(context::checkOwned)));
        });
        eventually(() -> assertThat(hanging.getCount()).isZero());
        hung.cutOff();
        bench.start(
                "other",
                settings(1, SHORT),
                (job, context) -> context.finish(List.of(words(job, "finished by other, attempt " + job.attempt()))));
        eventually(() -> assertThat(bench.said()).containsExactly("finished by other, attempt 2"));

        wakesUp.countDown();
        assertThat(afterwards)
                .succeedsWithin(Duration.ofSeconds(10))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
                .allSatisfy(thrown -> assertThat(thrown).isInstanceOf(JobLostException.class));
        assertThat(bench.said()).containsExactly("finished by other, attempt 2");
    }

    @Test
    void anOwnerThatCannotRenewStopsBeforeItsLeaseIsOver() {
        bench.accept("k", 1);
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Long> interrupted = new CompletableFuture<>();
        JobBench.Worker cut = bench.start("cut", settings(1, SHORT), (job, context) -> {
            started.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                interrupted.complete(System.nanoTime());
                throw e;
            }
        });
        eventually(() -> assertThat(started.getCount()).isZero());
        long begin = System.nanoTime();
        cut.cutOff();
        assertThat(interrupted).succeedsWithin(Duration.ofSeconds(30));
        assertThat(Duration.ofNanos(interrupted.join() - begin)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void whoseJobWasTakenMeanwhileIsRefusedByTheDatabase() {
        bench.accept("k", 1);
        CountDownLatch taken = new CountDownLatch(1);
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        bench.start("one", settings(1, LONG), (job, context) -> {
            bench.execute("update scribe.job set owner = 'two', attempt = attempt + 1");
            refused.complete(thrownBy(() -> context.publish(words(job, "late"))));
        });
        assertThat(refused).succeedsWithin(Duration.ofSeconds(20)).isInstanceOf(JobLostException.class);
        assertThat(refused.join())
                .hasMessage("job 'k' of epoch 1, attempt 1: owned by somebody else or replaced; the work"
                        + " is abandoned");
        assertThat(bench.said()).isEmpty();
        taken.countDown();
    }

    @Test
    void aHigherEpochInterruptsAndReplacesALowerOneIsRefused() {
        Queue<String> runs = new ConcurrentLinkedQueue<>();
        bench.start("one", settings(1, LONG), (job, context) -> {
            runs.add("epoch " + job.epoch() + " attempt " + job.attempt() + " begins");
            if (job.epoch() == 1) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    runs.add("epoch 1 interrupted");
                    throw e;
                }
            }
            context.finish(List.of(words(job, "epoch " + job.epoch() + " done")));
        });
        assertThat(bench.accept("k", 1)).isTrue();
        eventually(() -> assertThat(runs).containsExactly("epoch 1 attempt 1 begins"));
        assertThat(bench.accept("k", 1)).as("the same epoch").isFalse();
        assertThat(bench.accept("k", 0)).as("a lower epoch").isFalse();
        assertThat(bench.accept("k", 3)).isTrue();
        eventually(() -> assertThat(bench.said()).containsExactly("epoch 3 done"));
        assertThat(runs).containsExactly("epoch 1 attempt 1 begins", "epoch 1 interrupted", "epoch 3 attempt 1 begins");
        assertThat(bench.accept("k", 3)).as("the same epoch, done").isFalse();
        assertThat(bench.accept("k", 2)).as("a lower epoch, done").isFalse();
        assertThat(bench.state("k")).isEqualTo("done");
    }

    @Test
    void aStoppingWorkerGivesItsJobsBackSoThatAnotherContinuesAtOnce() {
        for (int i = 0; i < 3; i++) {
            bench.accept("job-" + i, 1);
        }
        AtomicInteger started = new AtomicInteger();
        JobBench.Worker stopping = bench.start("stopping", settings(3, LONG), (job, context) -> {
            started.incrementAndGet();
            never.await();
        });
        eventually(() -> assertThat(started).hasValue(3));
        stopping.runner().close();
        bench.start(
                "next",
                settings(3, LONG),
                (job, context) -> context.finish(List.of(words(job, job.key() + " attempt " + job.attempt()))));
        eventually(() -> assertThat(bench.said())
                .containsExactlyInAnyOrder("job-0 attempt 2", "job-1 attempt 2", "job-2 attempt 2"));
    }

    @Test
    void aStoppingWorkerWaitsForJobsThatAreNearlyDoneAndKeepsTheirLeases() {
        bench.accept("k", 1);
        CountDownLatch started = new CountDownLatch(1);
        JobHandler slow = (job, context) -> {
            started.countDown();
            TimeUnit.MILLISECONDS.sleep(2000); // longer than the lease
            context.finish(List.of(words(job, "done in attempt " + job.attempt())));
        };
        JobBench.Worker stopping = bench.start("stopping", new JobSettings(1, 10, SHORT, Duration.ofSeconds(20)), slow);
        eventually(() -> assertThat(started.getCount()).isZero());
        bench.start("other", settings(1, SHORT), slow);
        bench.accept("later", 1);
        stopping.runner().close();
        assertThat(bench.said()).contains("done in attempt 1");
        assertThat(bench.state("k")).isEqualTo("done");
    }

    @Test
    void aJobThatDoesNotHeedTheInterruptKeepsItsLease() {
        bench.accept("k", 1);
        CountDownLatch started = new CountDownLatch(1);
        JobBench.Worker stopping = bench.start("stopping", settings(1, LONG), (job, context) -> {
            started.countDown();
            awaitDeafly(never);
        });
        eventually(() -> assertThat(started.getCount()).isZero());
        stopping.runner().close();
        AtomicInteger second = new AtomicInteger();
        JobBench.Worker next = bench.start("next", settings(1, LONG), (job, context) -> second.incrementAndGet());
        bench.accept("another", 1);
        eventually(() -> assertThat(second).hasValueGreaterThan(0));
        assertThat(next.runner().waiting()).isZero();
        assertThat(second).as("the other job only").hasValue(1);
    }

    @Test
    void aJobThatBreaksOffOrEndsWithoutAWordIsTriedAgainAtThePaceOfItsLease() {
        bench.accept("throws", 1);
        bench.accept("overflows", 1);
        bench.accept("says-nothing", 1);
        Queue<String> runs = new ConcurrentLinkedQueue<>();
        bench.start("one", settings(3, SHORT), (job, context) -> {
            runs.add(job.key() + " " + job.attempt());
            switch (job.key()) {
                case "throws" -> throw new IllegalStateException("no");
                case "overflows" -> throw new StackOverflowError();
                default -> {}
            }
        });
        long begin = System.nanoTime();
        eventually(() -> assertThat(runs).contains("throws 3", "overflows 3", "says-nothing 3"));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
    }

    @Test
    void oneJobThatThisVersionCannotReadHoldsUpNoOther() {
        bench.accept("unreadable", 1);
        bench.execute("update scribe.job set headers = '{}'");
        bench.accept("readable", 1);
        bench.start("one", settings(1, LONG), (job, context) -> context.finish(List.of(words(job, job.key()))));
        eventually(() -> assertThat(bench.said()).containsExactly("readable"));
    }

    @Test
    void lastWordsThatNoTopicTakesLeaveTheJobOpen() {
        bench.accept("k", 1);
        CompletableFuture<Throwable> refused = new CompletableFuture<>();
        bench.start("one", settings(1, LONG), (job, context) -> {
            refused.complete(thrownBy(() -> context.finish(List.of(words(job, "x".repeat(5 << 20))))));
            context.finish(List.of(words(job, "too much to say")));
        });
        eventually(() -> assertThat(bench.said()).containsExactly("too much to say"));
        assertThat(refused.join()).isInstanceOf(dev.fermata.runtime.bus.MessageTooLargeException.class);
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> settings(0, LONG)).hasMessage("parallel: 0 (expected: >= 1)");
        assertThatThrownBy(() -> settings(1, Duration.ZERO)).hasMessage("lease: PT0S (expected: at least PT0.5S)");
    }

    private static Throwable thrownBy(Runnable work) {
        try {
            work.run();
            return new AssertionError("nothing was thrown");
        } catch (Throwable e) {
            return e;
        }
    }

    /** As code does that swallows interrupts. */
    private static void awaitDeafly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // not heard
            }
        }
    }
}
