package dev.fermata.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.Failure;
import dev.fermata.contracts.codec.Envelope;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.id.WorkOrderId;
import dev.fermata.contracts.message.DirectiveMessage.AnalysisOrdered;
import dev.fermata.contracts.message.ImpactMessage.AnalysisFailed;
import dev.fermata.contracts.message.Message;
import dev.fermata.contracts.message.OutcomeMessage.RunStateChanged;
import dev.fermata.contracts.message.OutcomeMessage.WorkOrderEnded;
import dev.fermata.contracts.message.WorkOrderMessage.OperatorRequested;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderCancelled;
import dev.fermata.contracts.message.WorkOrderMessage.WorkOrderIssued;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import dev.fermata.runtime.bus.UnitOfWork;
import dev.fermata.runtime.config.Secret;
import dev.fermata.runtime.config.TargetConfig;
import dev.fermata.supervisor.ControlDatabase.Done;
import dev.fermata.supervisor.run.Run;
import dev.fermata.supervisor.run.RunDecider;
import dev.fermata.supervisor.run.RunEvent;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeskTest {
    private static final WorkOrderId ORDER = new WorkOrderId("wo_01M8ACA8EK5QE74JA4EJX5M4CB");
    private static final RunId SHOP = new RunId(ORDER, "shop");
    private static final RunId STORE = new RunId(ORDER, "store");

    private final ControlDatabase control = new ControlDatabase();
    private final Desk desk = new Desk(
            new RunDecider(ControlDatabase.SETTINGS),
            Map.of("shop", target("shop", Map.of("up", "SELECT true")), "store", target("store", Map.of())));

    @AfterEach
    void close() {
        control.close();
    }

    private static TargetConfig target(String name, Map<String, String> probes) {
        return new TargetConfig(name, "127.0.0.1", 5432, name, "u", null, new Secret("p"), "staging", probes, Map.of());
    }

    private static WorkOrderIssued issued(RunId... runs) {
        List<String> targets = List.of(runs).stream().map(RunId::target).toList();
        return new WorkOrderIssued(
                ORDER,
                1,
                WorkOrder.of("n", "ada@example.org", targets, "SELECT 1", null),
                List.of(runs),
                ControlDatabase.NOW);
    }

    private static WorkOrderCancelled cancelled() {
        return new WorkOrderCancelled(ORDER, "enough", Actor.person("eve"));
    }

    private Done hear(Message message) {
        return control.work(work -> desk.handle(new Envelope("1", "test", ControlDatabase.NOW, null, message), work));
    }

    private Run run(RunId id) {
        return control.stored(id).orElseThrow();
    }

    @Test
    void anOrderBeginsARunOnEachOfItsTargetsAndBeginsNoneTwice() {
        Done first = hear(issued(SHOP, STORE));
        assertThat(first.said(RunStateChanged.class))
                .extracting(RunStateChanged::runId)
                .contains(SHOP, STORE);
        Run before = run(SHOP);

        Done again = hear(issued(SHOP, STORE));

        assertThat(again.said()).isEmpty();
        assertThat(run(SHOP)).isEqualTo(before);
    }

    @Test
    void aTargetThatNobodyKnowsCountsAsProductionAndTheProbesOfAKnownOneCount() {
        RunId nowhere = new RunId(ORDER, "nowhere");
        hear(issued(SHOP, nowhere));
        assertThat(run(nowhere).environment()).isEqualTo("production");
        assertThat(run(nowhere).hasProbes()).isFalse();
        assertThat(run(SHOP).environment()).isEqualTo("staging");
        assertThat(run(SHOP).hasProbes()).isTrue();
    }

    /** Topics keep no order between each other. */
    @Test
    void whatIsHeardOfARunBeforeItsOrderCountsOnceTheOrderIsThere() {
        Done early = hear(new AnalysisFailed(SHOP, 1, Failure.of("sql-syntax", "no")));
        assertThat(early.said()).isEmpty();

        hear(issued(SHOP));

        assertThat(run(SHOP).state()).isEqualTo(RunState.CHANGES_REQUESTED);
        Done again = hear(issued(SHOP));
        assertThat(again.said()).as("it was taken from where it was kept").isEmpty();
    }

    @Test
    void theEndOfAnOrderIsToldOnceAfterItsLastRunWithTheWorstResult() {
        hear(issued(SHOP, STORE));
        control.save(ControlDatabase.in(RunState.FAILED, STORE, List.of()));

        Done end = hear(cancelled());

        assertThat(end.said(WorkOrderEnded.class)).singleElement().satisfies(ended -> {
            assertThat(ended.result()).isEqualTo(RunResult.FAILED);
            assertThat(ended.runs()).isEqualTo(Map.of("shop", RunResult.CANCELLED, "store", RunResult.FAILED));
        });
        assertThat(hear(cancelled()).said()).isEmpty();
    }

    @Test
    void aMessageAboutARunOfAnotherOrderIsRefusedAndReachesNobody() {
        hear(issued(SHOP));
        WorkOrderId other = new WorkOrderId("wo_01M8ACA8EK5QE74JA4EJX5M4CC");
        Message foreign =
                new OperatorRequested(other, SHOP, OperatorRequested.Action.ROLLBACK, "bad", Actor.person("eve"), null);
        assertThatThrownBy(() -> hear(foreign))
                .hasMessage("run '" + SHOP + "' in a message about order '" + other + "'");
        assertThatThrownBy(() ->
                        hear(new WorkOrderIssued(other, 1, issued(SHOP).order(), List.of(SHOP), ControlDatabase.NOW)))
                .hasMessageContaining("in a message about order");
        assertThatThrownBy(
                        () -> hear(new AnalysisOrdered(SHOP, 1, 1, issued(SHOP).order(), "staging")))
                .hasMessage("the supervisor does not listen to directives");
    }

    @Test
    void ofTwoRunsThatEndInTheSameMomentTheSecondTellsTheEndOfTheOrder() throws Exception {
        hear(issued(SHOP, STORE));
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch mayCommit = new CountDownLatch(1);
        CompletableFuture<Done> first = control.meanwhile(work -> {
            end(SHOP, work);
            ended.countDown();
            awaitQuietly(mayCommit);
        });
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Done> second = control.meanwhile(work -> end(STORE, work));
        Awaitility.await().untilAsserted(() -> assertThat(control.database.ask(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                                + " wait_event_type = 'Lock'"))
                .isEqualTo("1"));
        mayCommit.countDown();

        List<WorkOrderEnded> told = new ArrayList<>(first.get().said(WorkOrderEnded.class));
        assertThat(told).as("the first cannot know").isEmpty();
        told.addAll(second.get().said(WorkOrderEnded.class));
        assertThat(told).singleElement().satisfies(end -> assertThat(end.runs()).containsOnlyKeys("shop", "store"));
    }

    private void end(RunId id, UnitOfWork work) throws SQLException {
        desk.decide(id, new RunEvent.Order(cancelled()), work);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTimerThatFiresForARunThatIsGoneOrNotKnownDoesNothing() {
        assertThat(control.work(work -> desk.fire(SHOP.toString(), "ANALYSIS", "", work))
                        .said())
                .isEmpty();
        hear(issued(SHOP));
        hear(cancelled());
        assertThat(control.work(work -> desk.fire(SHOP.toString(), "ANALYSIS", "", work))
                        .said())
                .isEmpty();
    }
}
