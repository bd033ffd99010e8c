package dev.fermata.supervisor.run;

import static dev.fermata.supervisor.run.Story.backedUp;
import static dev.fermata.supervisor.run.Story.contractAsked;
import static dev.fermata.supervisor.run.Story.executed;
import static dev.fermata.supervisor.run.Story.fired;
import static dev.fermata.supervisor.run.Story.impact;
import static dev.fermata.supervisor.run.Story.planned;
import static dev.fermata.supervisor.run.Story.rehearsed;
import static dev.fermata.supervisor.run.Story.rollbackAsked;
import static dev.fermata.supervisor.run.Story.rollbackFailed;
import static dev.fermata.supervisor.run.Story.rolledBack;
import static dev.fermata.supervisor.run.Story.verified;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.DirectiveMessage.RollbackOrdered;
import dev.fermata.contracts.message.OutcomeMessage.RunEnded;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.run.RunState;
import org.junit.jupiter.api.Test;

class AfterSuccessTest {
    private static Story succeeded() {
        Story story = Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(true))
                .when(backedUp())
                .when(executed())
                .when(verified(true))
                .when(fired(RunEvent.Timer.SOAK));
        assertThat(story.state()).isEqualTo(RunState.SUCCEEDED);
        return story;
    }

    @Test
    void aRunThatSucceededIsTakenBackWhenPeopleOrderItAndTheEndIsToldOnceMore() {
        Story story = succeeded().when(rollbackAsked());
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(story.said(RollbackOrdered.class).getLast().afterSuccess()).isTrue();
        assertThat(story.when(rolledBack(true)).state()).isEqualTo(RunState.ROLLED_BACK);
        assertThat(story.said(RunEnded.class))
                .extracting(ended -> ended.outcome().result())
                .containsExactly(RunResult.SUCCEEDED, RunResult.ROLLED_BACK);
    }

    @Test
    void aRunThatSucceededStaysInEffectWhereTheWorkerTouchedNothing() {
        Story story = succeeded().when(rollbackAsked()).when(rollbackFailed());
        assertThat(story.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(story.said(RunEnded.class).getLast().outcome().summary()).contains("still in effect");
        assertThat(story.when(rollbackAsked()).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void nothingElseBecomesOfARunThatHasEnded() {
        Story story = succeeded();
        assertThat(story.would(contractAsked()).ignored()).contains("the run has ended");
        assertThat(story.would(rolledBack(true)).ignored()).contains("the run has ended");
        Story back = succeeded().when(rollbackAsked()).when(rolledBack(true));
        assertThat(back.would(rollbackAsked()).ignored()).contains("the run has ended");
    }
}
