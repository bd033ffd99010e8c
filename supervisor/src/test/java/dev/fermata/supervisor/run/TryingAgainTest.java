package dev.fermata.supervisor.run;

import static dev.fermata.supervisor.run.Story.analysisFailed;
import static dev.fermata.supervisor.run.Story.backedUp;
import static dev.fermata.supervisor.run.Story.failed;
import static dev.fermata.supervisor.run.Story.fired;
import static dev.fermata.supervisor.run.Story.heartbeat;
import static dev.fermata.supervisor.run.Story.impact;
import static dev.fermata.supervisor.run.Story.planned;
import static dev.fermata.supervisor.run.Story.rehearsed;
import static dev.fermata.supervisor.run.Story.rollbackAsked;
import static dev.fermata.supervisor.run.Story.stepDone;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.message.DirectiveMessage.RollbackOrdered;
import dev.fermata.contracts.message.OutcomeMessage.RunStateChanged;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Directives that fail for a reason that may be gone a little later. */
class TryingAgainTest {
    private static final Function<Run, RunEvent> BUSY = failed("execute", 1, true, "lock-not-available");

    private static Story migrating() {
        return Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(true))
                .when(backedUp())
                .when(stepDone());
    }

    /** How long after it fails the timer of that kind is due, null where there is none. */
    private static @Nullable Duration pause(Story story, RunEvent.Timer timer) {
        Instant fails = story.now();
        return story.would(BUSY).effects().stream()
                .filter(Effect.Remind.class::isInstance)
                .map(Effect.Remind.class::cast)
                .filter(remind -> remind.timer() == timer)
                .map(remind -> Duration.between(fails, remind.due()))
                .findFirst()
                .orElse(null);
    }

    @Test
    void whatMayWorkLaterIsTriedAgainAfterAPauseThatGrows() {
        Story story = migrating();
        assertThat(pause(story, RunEvent.Timer.AGAIN)).isEqualTo(Duration.ofSeconds(1));
        story.when(BUSY);
        assertThat(story.state()).isEqualTo(RunState.MIGRATING);
        assertThat(story.said(ExecutionOrdered.class)).as("not at once").hasSize(1);
        assertThat(story.when(fired(RunEvent.Timer.AGAIN)).said(ExecutionOrdered.class))
                .hasSize(2);
        assertThat(pause(story, RunEvent.Timer.AGAIN)).isEqualTo(Duration.ofSeconds(4));
        story.when(BUSY).when(fired(RunEvent.Timer.AGAIN));
        assertThat(story.said(ExecutionOrdered.class)).hasSize(3);
        assertThat(story.when(BUSY).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    /** It holds the target for as long as it takes, and nothing of ours was tried. */
    @Test
    void waitingForAnotherOrderIsNoTry() {
        Story story = migrating();
        for (int i = 0; i < 10; i++) {
            story.when(failed("execute", 1, true, "target-busy")).when(fired(RunEvent.Timer.AGAIN));
        }
        assertThat(story.state()).isEqualTo(RunState.MIGRATING);
        assertThat(story.said(ExecutionOrdered.class)).hasSize(11);
    }

    @Test
    void aStepThatIsDoneBeginsTheCountAnewButNotOneThatWasDoneBefore() {
        Story story = migrating()
                .when(BUSY)
                .when(fired(RunEvent.Timer.AGAIN))
                .when(BUSY)
                .when(fired(RunEvent.Timer.AGAIN));
        assertThat(story.when(stepDone(true)).would(BUSY).next().state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(story.when(stepDone(false)).would(BUSY).next().state()).isEqualTo(RunState.MIGRATING);
    }

    /** Whoever waits for people is woken by an analysis that comes late, and by none that fails. */
    @Test
    void anAnalysisThatFailsAfterItWasGivenUpIsNotTriedAgain() {
        Story story = Story.on("staging").when(fired(RunEvent.Timer.ANALYSIS));
        assertThat(story.state()).isEqualTo(RunState.ESCALATED);
        story.when(analysisFailed(true)).when(fired(RunEvent.Timer.AGAIN));
        assertThat(story.state()).isEqualTo(RunState.FAILED);
    }

    /** It may come late, as it goes past the outbox. */
    @Test
    void aSignOfLifeInThePauseDoesNotHaveTheDirectiveGivenTwice() {
        Story story = migrating().when(BUSY).when(heartbeat()).when(fired(RunEvent.Timer.SILENCE));
        assertThat(story.said(ExecutionOrdered.class)).hasSize(2);
        assertThat(story.timers()).doesNotContain(RunEvent.Timer.AGAIN);
    }

    @Test
    void whatIsDecidedWhileSomethingWaitsToBeTriedAgainHoldsGood() {
        Story story = migrating().when(BUSY).when(rollbackAsked()).when(fired(RunEvent.Timer.AGAIN));
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(story.said(RollbackOrdered.class)).hasSize(1);
        assertThat(story.said(ExecutionOrdered.class)).hasSize(1);
    }

    @Test
    void aRollbackThatMayWorkLaterIsTriedAgainForTheSameReason() {
        Story story = migrating().when(rollbackAsked());
        String reason = story.run().reason();
        story.when(failed("rollback", 1, true, "lock-not-available"));
        assertThat(story.run().reason()).isEqualTo(reason);
        assertThat(story.said(RunStateChanged.class).getLast().waitingFor())
                .isEqualTo("the execution worker, again in 1 s: no");
        assertThat(story.when(fired(RunEvent.Timer.AGAIN)).said(RollbackOrdered.class))
                .hasSize(2);
    }
}
