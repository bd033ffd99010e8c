package dev.fermata.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.ExecutionMessage;
import dev.fermata.contracts.message.ExecutionMessage.ExecutionFailed;
import dev.fermata.contracts.message.Message;
import dev.fermata.execution.ledger.Scope;
import dev.fermata.execution.rehearsal.CloneProviders;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.runtime.config.ConfigSource;
import dev.fermata.runtime.jobs.JobContext;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DirectiveJobsTest {
    private static final Scope SCOPE =
            new Scope(RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop"), 1, 1, "sha256:digest");
    private static final TargetDatabase NOWHERE =
            new TargetDatabase(new TargetAddress("shop", "127.0.0.1", 1, "shop", "fermata", Password.of("pw"), "test"));

    private static List<? extends ExecutionMessage> end(DirectiveJobs.Work work) throws InterruptedException {
        return DirectiveJobs.end(DirectiveJobsTest.desk(), "prepare", work);
    }

    private static DirectiveJobs.Desk desk() {
        return desk(NOWHERE, SCOPE);
    }

    static DirectiveJobs.Desk desk(TargetDatabase target, Scope scope) {
        return new DirectiveJobs.Desk(
                target,
                scope,
                new Unheard(),
                ExecutionConfig.read(
                        ConfigSource.of(Optional.empty(), Map.of("FERMATA_CONTROL_PASSWORD", "s3cret"), Map.of())),
                new CloneProviders(1, 1, Map.of()),
                Clock.systemUTC(),
                new Random(1));
    }

    @Test
    void aDefectEndsTheDirectiveAndIsToldWithoutItsMessage() throws Exception {
        assertThat(end(desk -> {
                    throw new IllegalStateException("row (42, secret)");
                }))
                .singleElement()
                .isInstanceOfSatisfying(ExecutionFailed.class, failed -> {
                    assertThat(failed.failure().code()).isEqualTo("internal-error");
                    assertThat(failed.failure().retryable()).isTrue();
                    assertThat(failed.failure().message())
                            .contains("IllegalStateException", "DirectiveJobsTest")
                            .doesNotContain("secret");
                });
    }

    @Test
    void aBackupThatCannotBeKeptIsToldAsWhatItIsSoThatNothingIsTakenBack() throws Exception {
        assertThat(end(desk -> {
                    throw new IOException("no room");
                }))
                .singleElement()
                .isInstanceOfSatisfying(ExecutionFailed.class, failed -> {
                    assertThat(failed.stage()).isEqualTo("backup");
                    assertThat(failed.failure().code()).isEqualTo("backup-failed");
                    assertThat(failed.failure().retryable()).isTrue();
                });
    }

    @Test
    void whatFailsBecauseTheWorkerIsAskedToStopIsNoFailure() {
        try {
            assertThatThrownBy(() -> end(desk -> {
                        Thread.currentThread().interrupt();
                        throw new IOException("interrupted in the midst of a file");
                    }))
                    .isInstanceOf(InterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** A job whose words nobody hears. */
    static final class Unheard implements JobContext {
        @Override
        public void publish(Message message) {}

        @Override
        public void finish(List<? extends Message> lastWords) {}

        @Override
        public void mention(Message message) {}

        @Override
        public void checkOwned() {}

        @Override
        public String worker() {
            return "w";
        }
    }
}
