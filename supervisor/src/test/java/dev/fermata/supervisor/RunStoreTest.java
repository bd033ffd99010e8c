package dev.fermata.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderCancelled;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunDecider;
import dev.fermata.supervisor.run.RunEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunStoreTest {
    private static final RunId SHOP = RunId.parse("wo_01M8ACA8EK5QE74JA4EJX5M4CB/shop");
    private static final RunDecider DECIDER = new RunDecider(ControlDatabase.SETTINGS);

    private final ControlDatabase control = new ControlDatabase();

    @AfterEach
    void close() {
        control.close();
    }

    private static Run watched() {
        return ControlDatabase.watched(SHOP, List.of());
    }

    private List<Run> claim(Duration patience) {
        return control.store.inTransaction(connection -> RunStore.claimProbes(connection, patience));
    }

    private void looked(Duration every) {
        control.store.inTransaction(connection -> {
            RunStore.probed(connection, SHOP, every);
            return SHOP;
        });
    }

    @Test
    void aRunComesBackAsItWasStored() {
        control.save(watched());
        assertThat(control.stored(SHOP)).contains(watched());
        assertThat(control.stored(new RunId(SHOP.order(), "other"))).isEmpty();
    }

    @Test
    void aRunThatIsWatchedIsHandedToOneWhoLooksAndToTheNextWhenHeDoesNotComeBack() {
        control.save(watched());
        assertThat(claim(Duration.ofHours(1))).containsExactly(watched());
        assertThat(claim(Duration.ofHours(1))).isEmpty();

        looked(Duration.ZERO);
        assertThat(claim(Duration.ZERO)).as("after the look the next is due").hasSize(1);
        assertThat(claim(Duration.ofHours(1))).as("who looked is gone").hasSize(1);

        control.save(watched());
        assertThat(claim(Duration.ofHours(1)))
                .as("what else is decided of it brings no look forward")
                .isEmpty();
    }

    @Test
    void ofTwoWhoLookAtOnceEachGetsWhatTheOtherHasNot() throws Exception {
        control.save(watched());
        CountDownLatch claimed = new CountDownLatch(1);
        CountDownLatch mayCommit = new CountDownLatch(1);
        CompletableFuture<ControlDatabase.Done> first = control.meanwhile(work -> {
            assertThat(RunStore.claimProbes(work.connection(), Duration.ZERO)).hasSize(1);
            claimed.countDown();
            try {
                mayCommit.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(claimed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(claim(Duration.ofHours(1))).as("it waits for nobody").isEmpty();
        mayCommit.countDown();
        first.get();
        assertThat(claim(Duration.ofHours(1))).hasSize(1);
    }

    @Test
    void aRunThatIsNotWatchedAnyMoreIsLookedAtByNobody() {
        control.save(watched());
        control.save(cancelled());
        assertThat(claim(Duration.ZERO)).isEmpty();
        looked(Duration.ZERO);
        assertThat(claim(Duration.ZERO)).as("a look that was under way").isEmpty();
    }

    private static Run cancelled() {
        Run begun = DECIDER.begin(SHOP, 1, watched().order(), "staging", true, ControlDatabase.NOW)
                .next();
        return DECIDER.decide(
                        begun,
                        new RunEvent.Order(new WorkOrderCancelled(SHOP.order(), "enough", Actor.person("eve"))),
                        ControlDatabase.NOW)
                .next();
    }

    private Map<String, RunResult> end() {
        return control.store.inTransaction(connection -> RunStore.endOrder(connection, SHOP.order()));
    }

    @Test
    void theEndOfAnOrderIsToldOnceAndOnceMoreWhenOneOfItsRunsWasTakenUpAgain() {
        control.store.inTransaction(connection -> {
            RunStore.saveOrder(connection, SHOP.order(), 1, List.of(SHOP));
            return SHOP;
        });
        control.save(watched());
        assertThat(end()).as("a run goes on").isEmpty();
        control.save(cancelled());
        assertThat(end()).isEqualTo(Map.of("shop", RunResult.CANCELLED));
        assertThat(end()).isEmpty();
        control.store.inTransaction(connection -> {
            RunStore.reopenOrder(connection, SHOP.order());
            return SHOP;
        });
        assertThat(end()).isEqualTo(Map.of("shop", RunResult.CANCELLED));
    }
}
