package dev.fermata.supervisor.run;

import static dev.fermata.supervisor.run.Story.amended;
import static dev.fermata.supervisor.run.Story.analysisFailed;
import static dev.fermata.supervisor.run.Story.backedUp;
import static dev.fermata.supervisor.run.Story.cancelled;
import static dev.fermata.supervisor.run.Story.contractAsked;
import static dev.fermata.supervisor.run.Story.digest;
import static dev.fermata.supervisor.run.Story.everything;
import static dev.fermata.supervisor.run.Story.executed;
import static dev.fermata.supervisor.run.Story.failed;
import static dev.fermata.supervisor.run.Story.fired;
import static dev.fermata.supervisor.run.Story.granted;
import static dev.fermata.supervisor.run.Story.grantedByPolicy;
import static dev.fermata.supervisor.run.Story.impact;
import static dev.fermata.supervisor.run.Story.pauseAsked;
import static dev.fermata.supervisor.run.Story.planInTwoParts;
import static dev.fermata.supervisor.run.Story.planned;
import static dev.fermata.supervisor.run.Story.probe;
import static dev.fermata.supervisor.run.Story.rehearsed;
import static dev.fermata.supervisor.run.Story.rehearsedInTwoParts;
import static dev.fermata.supervisor.run.Story.resumeAsked;
import static dev.fermata.supervisor.run.Story.rollbackAsked;
import static dev.fermata.supervisor.run.Story.rollbackFailed;
import static dev.fermata.supervisor.run.Story.rolledBack;
import static dev.fermata.supervisor.run.Story.stepDone;
import static dev.fermata.supervisor.run.Story.stepStarted;
import static dev.fermata.supervisor.run.Story.verified;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalExpired;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRequested;
import dev.fermata.contracts.message.ApprovalMessage.DecisionRefused;
import dev.fermata.contracts.message.DirectiveMessage.AnalysisOrdered;
import dev.fermata.contracts.message.DirectiveMessage.ContractOrdered;
import dev.fermata.contracts.message.DirectiveMessage.ExecutionOrdered;
import dev.fermata.contracts.message.DirectiveMessage.PaceOrdered;
import dev.fermata.contracts.message.DirectiveMessage.RollbackOrdered;
import dev.fermata.contracts.message.DirectiveMessage.VerificationOrdered;
import dev.fermata.contracts.message.OutcomeMessage.RunEnded;
import dev.fermata.contracts.message.OutcomeMessage.RunStateChanged;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.run.RunState;
import dev.fermata.testsupport.Gen;
import dev.fermata.testsupport.Property;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class RunDeciderTest {
    private static Story approvedOnStaging() {
        return Story.on("staging").when(impact(RiskLevel.LOW)).when(planned()).when(rehearsed(true));
    }

    private static Story asking() {
        return Story.on("production")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(true));
    }

    private static Story migrating() {
        return approvedOnStaging().when(backedUp()).when(stepDone());
    }

    private static Story soaking() {
        return migrating().when(executed()).when(verified(true));
    }

    @Test
    void aLowRiskOnStagingGoesAllTheWayByItself() {
        Story story = soaking();
        assertThat(story.state()).isEqualTo(RunState.SOAKING);
        story.when(fired(RunEvent.Timer.SOAK));
        assertThat(story.state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(story.said(RunEnded.class))
                .singleElement()
                .satisfies(end -> assertThat(end.outcome().result()).isEqualTo(RunResult.SUCCEEDED));
        assertThat(story.said(ExecutionOrdered.class)).hasSize(1);
        assertThat(story.said(VerificationOrdered.class)).hasSize(1);
    }

    private static Story rehearsedOnStaging(Equivalence equivalence) {
        return Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(equivalence, List.of(), null));
    }

    @Test
    void aPlanThatLeadsElsewhereThanTheChangeAsWrittenIsNeverApprovedByPolicy() {
        Story differs = rehearsedOnStaging(new Equivalence(
                true, null, List.of("column public.t.a is there and should not be"), List.of(), Duration.ZERO));
        assertThat(differs.state()).isEqualTo(RunState.AWAITING_APPROVAL);
        assertThat(differs.said(ApprovalRequested.class)).singleElement().satisfies(asked -> {
            assertThat(asked.risk()).isEqualTo(RiskLevel.HIGH);
            assertThat(asked.redFlags()).extracting(flag -> flag.code()).containsExactly("not-equivalent");
            assertThat(asked.reasons()).anyMatch(reason -> reason.contains("public.t.a"));
        });
        assertThat(rehearsedOnStaging(Equivalence.notCompared("no second clone"))
                        .state())
                .isEqualTo(RunState.AWAITING_APPROVAL);
    }

    @Test
    void anotherOrderOfColumnsIsSaidButStopsNobody() {
        Story story =
                rehearsedOnStaging(new Equivalence(true, null, List.of(), List.of("public.t"), Duration.ofSeconds(1)));
        assertThat(story.state()).isEqualTo(RunState.BACKING_UP);
    }

    @Test
    void anAuthorsRollbackThatDoesNotRestoreEverythingIsARedFlag() {
        RollbackTrial authors = new RollbackTrial(
                Plan.Source.AUTHOR, false, null, List.of("table t holds 0 rows"), Duration.ZERO, null);
        RollbackTrial ours = new RollbackTrial(Plan.Source.GENERATED, true, null, List.of(), Duration.ZERO, true);
        Story story = Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(null, List.of(authors, ours), Plan.Source.GENERATED));
        assertThat(story.state()).isEqualTo(RunState.AWAITING_APPROVAL);
        assertThat(story.said(ApprovalRequested.class)).singleElement().satisfies(asked -> assertThat(asked.redFlags())
                .extracting(flag -> flag.code())
                .containsExactly("rollback-is-no-inverse", "generated-rollback-is-better"));
    }

    @Test
    void productionAsksAndOnlySomebodyElseWithThisDigestMaySayYes() {
        Story story = asking();
        assertThat(story.state()).isEqualTo(RunState.AWAITING_APPROVAL);
        story.when(granted("ADA@example.org", digest()))
                .when(granted("bob", "sha256:stale"))
                .when(grantedByPolicy());
        assertThat(story.state()).isEqualTo(RunState.AWAITING_APPROVAL);
        assertThat(story.said(DecisionRefused.class))
                .extracting(DecisionRefused::code)
                .containsExactly("self-approval", "plan-changed", "not-allowed");
        story.when(granted("bob", digest()));
        assertThat(story.state()).isEqualTo(RunState.BACKING_UP);
    }

    @Test
    void silenceIsNeverAYes() {
        Story story = asking().later(Duration.ofHours(25)).when(granted("bob", digest()));
        assertThat(story.said(DecisionRefused.class))
                .extracting(DecisionRefused::code)
                .containsExactly("expired");
        story.when(fired(RunEvent.Timer.APPROVAL));
        assertThat(story.said(ApprovalExpired.class)).hasSize(1);
        assertThat(story.state()).isEqualTo(RunState.REJECTED);
    }

    @Test
    void aRehearsalThatFailsAsksTheAuthorForChangesAndAnAmendmentBeginsAnew() {
        Story story =
                Story.on("staging").when(impact(RiskLevel.LOW)).when(planned()).when(rehearsed(false));
        assertThat(story.state()).isEqualTo(RunState.CHANGES_REQUESTED);
        story.when(amended());
        assertThat(story.state()).isEqualTo(RunState.ANALYSING);
        assertThat(story.run().revision()).isEqualTo(2);
        assertThat(story.run().dossier().plan()).isNull();
    }

    @Test
    void aTargetThatIsDownFailsTheRunAndSqlThatDoesNotParseAsksForChanges() {
        Story down = Story.on("staging");
        for (int i = 1; i < Story.SETTINGS.tries(); i++) {
            assertThat(down.when(analysisFailed(true)).state()).isEqualTo(RunState.ANALYSING);
            assertThat(down.when(fired(RunEvent.Timer.AGAIN)).said(AnalysisOrdered.class))
                    .hasSize(i);
        }
        assertThat(down.when(analysisFailed(true)).state()).isEqualTo(RunState.FAILED);
        assertThat(Story.on("staging").when(analysisFailed(false)).state()).isEqualTo(RunState.CHANGES_REQUESTED);
    }

    @Test
    void aStepThatFailsIsTakenBack() {
        Story story = migrating().when(failed("execute", 1, false, "sql-error"));
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(story.said(RollbackOrdered.class)).hasSize(1);
        assertThat(story.when(rolledBack(true)).state()).isEqualTo(RunState.ROLLED_BACK);
    }

    @Test
    void aRollbackThatIsNotCleanOrDoesNotWorkIsAPersonsToEnd() {
        assertThat(migrating().when(rollbackAsked()).when(rolledBack(false)).state())
                .isEqualTo(RunState.ESCALATED);
        Story story = migrating().when(rollbackAsked()).when(rollbackFailed());
        assertThat(story.state()).isEqualTo(RunState.ESCALATED);
        assertThat(story.when(rollbackAsked()).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    private static Story awaitingContract() {
        return Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned(planInTwoParts()))
                .when(rehearsedInTwoParts())
                .when(backedUp())
                .when(executed(1))
                .when(verified(true))
                .when(fired(RunEvent.Timer.SOAK));
    }

    @Test
    void aPlanWithBothNamesWaitsForTheWordAndThenIsVerifiedAndWatchedOnceMore() {
        Story story = awaitingContract();
        assertThat(story.state()).isEqualTo(RunState.AWAITING_CONTRACT);
        assertThat(story.said(RunStateChanged.class).getLast().waitingFor()).contains("fermata wo contract");
        story.when(contractAsked());
        assertThat(story.state()).isEqualTo(RunState.CONTRACTING);
        assertThat(story.said(ContractOrdered.class)).singleElement().satisfies(order -> {
            assertThat(order.plan()).isEqualTo(planInTwoParts());
            assertThat(order.catalogIdentities())
                    .as("what others change beside them is no business of the order")
                    .containsExactly("column a", "column b");
        });
        story.when(fired(RunEvent.Timer.SILENCE));
        assertThat(story.said(ContractOrdered.class))
                .as("given again to the next worker")
                .hasSize(2);
        story.when(executed(2));
        assertThat(story.state()).isEqualTo(RunState.VERIFYING);
        assertThat(story.said(VerificationOrdered.class))
                .extracting(VerificationOrdered::catalogAfter)
                .containsExactly("sha256:halfway", "sha256:after");
        story.when(verified(true)).when(fired(RunEvent.Timer.SOAK));
        assertThat(story.state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void theWordToContractIsHeardWhereSomethingWaitsAndNowhereElse() {
        Story story = soaking();
        story.when(contractAsked());
        assertThat(story.state()).isEqualTo(RunState.SOAKING);
        assertThat(story.said(ContractOrdered.class)).isEmpty();
    }

    @Test
    void whatWaitsToBeContractedCanBeTakenBackAndLeavesNothingOfBothNames() {
        Story story = awaitingContract().when(rollbackAsked());
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(story.said(RollbackOrdered.class))
                .singleElement()
                .satisfies(order -> assertThat(order.catalogIdentities()).containsExactly("column a", "column b"));
    }

    @Test
    void aContractionThatDidNothingWaitsForTheWordOnceMore() {
        Story story = awaitingContract().when(contractAsked()).when(failed("contract", 1, false, "sql-error"));
        assertThat(story.state()).isEqualTo(RunState.AWAITING_CONTRACT);
        assertThat(story.run().reason()).startsWith("the old names are still there");
        assertThat(story.when(contractAsked()).state()).isEqualTo(RunState.CONTRACTING);
    }

    @Test
    void whatIsContractedIsNotTakenBackByItselfAsTheApplicationUsesTheNewNames() {
        Story half = awaitingContract().when(contractAsked()).when(failed("contract", 2, false, "sql-error"));
        assertThat(half.state()).isEqualTo(RunState.ESCALATED);
        Story unverified =
                awaitingContract().when(contractAsked()).when(executed(2)).when(verified(false));
        assertThat(unverified.state()).isEqualTo(RunState.ESCALATED);
        assertThat(unverified.when(rollbackAsked()).state()).as("people may").isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void aVerificationThatCannotBeAskedForgetsNothingOfWhatIsContracted() {
        Story story = awaitingContract()
                .when(contractAsked())
                .when(executed(2))
                .when(failed("verify", 0, true, "target-unreachable"))
                .when(fired(RunEvent.Timer.AGAIN));
        assertThat(story.said(VerificationOrdered.class))
                .extracting(VerificationOrdered::catalogAfter)
                .containsExactly("sha256:halfway", "sha256:after", "sha256:after");
    }

    @Test
    void aPauseOfTheFirstPartDoesNotHoldTheContraction() {
        Story story = Story.on("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned(planInTwoParts()))
                .when(rehearsedInTwoParts())
                .when(backedUp())
                .when(pauseAsked())
                .when(executed(1))
                .when(verified(true))
                .when(fired(RunEvent.Timer.SOAK))
                .when(contractAsked());
        assertThat(story.state()).isEqualTo(RunState.CONTRACTING);
        assertThat(story.said(PaceOrdered.class).getLast().percent()).isEqualTo(PaceOrdered.FULL_SPEED);
    }

    @Test
    void anOperatorPausesWhatGoesForwardAndEveryWorkerHearsOfIt() {
        Story story = migrating().when(pauseAsked()).when(pauseAsked());
        assertThat(story.state()).isEqualTo(RunState.MIGRATING);
        assertThat(story.run().reason()).isEqualTo("paused by eve: busy");
        assertThat(story.said(PaceOrdered.class)).singleElement().satisfies(pace -> {
            assertThat(pace.percent()).isZero();
            assertThat(pace.epoch()).isEqualTo(story.run().epoch());
        });
        story.when(fired(RunEvent.Timer.SILENCE));
        assertThat(story.said(PaceOrdered.class))
                .as("said again with the next directive")
                .extracting(PaceOrdered::percent)
                .containsExactly(0, 0);
        story.when(resumeAsked(25)).when(resumeAsked(null));
        assertThat(story.said(PaceOrdered.class))
                .extracting(PaceOrdered::percent)
                .containsExactly(0, 0, 25, 100);
        assertThat(story.said(PaceOrdered.class))
                .extracting(PaceOrdered::sequence)
                .containsExactly(1L, 1L, 2L, 3L);
        assertThat(story.when(executed()).state()).isEqualTo(RunState.VERIFYING);
    }

    @Test
    void aPausedRunIsTakenBackWithoutBeingResumed() {
        Story story = migrating().when(pauseAsked()).when(rollbackAsked());
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        story.when(pauseAsked());
        assertThat(story.said(PaceOrdered.class)).hasSize(1);
        assertThat(story.when(rolledBack(true)).state()).isEqualTo(RunState.ROLLED_BACK);
    }

    @Test
    void anOutcomeThatNothingCanTellIsForPeople() {
        Story story = migrating().when(failed("execute", 1, false, "outcome-unknown"));
        assertThat(story.state()).isEqualTo(RunState.ESCALATED);
        assertThat(story.said(RollbackOrdered.class)).isEmpty();
    }

    @Test
    void whatTheWorkerCannotTellIsNeverGuessed() {
        assertThat(migrating()
                        .when(failed("execute", 1, false, "unknown-state"))
                        .state())
                .isEqualTo(RunState.ESCALATED);
    }

    @Test
    void aVerificationThatFailsIsTakenBack() {
        assertThat(migrating().when(executed()).when(verified(false)).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void aCatalogThatChangedSinceIsAnalysedPlannedAndApprovedAnew() {
        Story story = approvedOnStaging().when(failed("execute", 0, false, "catalog-changed"));
        assertThat(story.state()).isEqualTo(RunState.ANALYSING);
        assertThat(story.said(AnalysisOrdered.class)).singleElement().satisfies(order -> assertThat(order.epoch())
                .isEqualTo(story.run().epoch()));
        assertThat(story.run().dossier().approval()).isNull();
        story.when(impact(RiskLevel.LOW)).when(planned());
        assertThat(story.state()).isEqualTo(RunState.PREPARING);
        assertThat(story.when(rehearsed(true)).state()).isEqualTo(RunState.BACKING_UP);
        assertThat(story.said(ExecutionOrdered.class)).hasSize(2);
    }

    @Test
    void anOrderThatManyOthersOvertakeOnOneTableIsDraftedAnewEachTimeButNotForEver() {
        Story story = approvedOnStaging();
        for (int overtaken = 1; overtaken <= 20; overtaken++) {
            story.when(failed("execute", 0, false, "catalog-changed"));
            assertThat(story.state()).as("overtaken " + overtaken + " times").isEqualTo(RunState.ANALYSING);
            story.when(impact(RiskLevel.LOW)).when(planned()).when(rehearsed(true));
        }
        story.when(failed("execute", 0, false, "catalog-changed"));
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void aSilentWorkerIsGivenTheDirectiveAgainUnderTheNextEpoch() {
        Story story = migrating();
        long before = story.run().epoch();
        story.when(fired(RunEvent.Timer.SILENCE));
        assertThat(story.run().epoch()).isEqualTo(before + 1);
        assertThat(story.said(ExecutionOrdered.class)).hasSize(2);
    }

    @Test
    void aBackupThatIsToldOfAfterTheFirstStepWasTakenAllTheSame() {
        Story story = approvedOnStaging().when(stepStarted());
        assertThat(story.state()).isEqualTo(RunState.MIGRATING);
        assertThat(story.when(backedUp()).when(executed()).state()).isEqualTo(RunState.VERIFYING);
        assertThat(approvedOnStaging().when(stepStarted()).when(executed()).state())
                .as("without any")
                .isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void aChangeIsNotBegunOnASickApplicationAndATakenBackFromOneThatBecomesSick() {
        Story story = Story.probed("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(true));
        assertThat(story.when(probe(false)).state()).isEqualTo(RunState.SCHEDULED);
        assertThat(story.when(probe(true)).state()).isEqualTo(RunState.BACKING_UP);
        story.when(backedUp()).when(executed()).when(verified(true));
        story.when(probe(false)).when(probe(true)).when(probe(false)).when(probe(false));
        assertThat(story.state()).isEqualTo(RunState.SOAKING);
        assertThat(story.when(probe(false)).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    private static Story probedAndMigrating() {
        return Story.probed("staging")
                .when(impact(RiskLevel.LOW))
                .when(planned())
                .when(rehearsed(true))
                .when(probe(true))
                .when(backedUp())
                .when(stepDone());
    }

    private static List<Integer> percents(Story story) {
        return story.said(PaceOrdered.class).stream().map(PaceOrdered::percent).toList();
    }

    @Test
    void theStepsAreHeldWhileAProbeFailsAndThenGoOnAtThePaceTheyHad() {
        Story story =
                probedAndMigrating().when(resumeAsked(40)).when(probe(false)).when(probe(false));
        assertThat(story.state()).isEqualTo(RunState.MIGRATING);
        assertThat(story.run().reason()).isEqualTo("held: the application is not well: probe 'x' returned false");
        assertThat(percents(story)).containsExactly(40, 0);
        story.when(fired(RunEvent.Timer.SILENCE)).when(probe(true)).when(probe(true));
        assertThat(percents(story))
                .as("said again to the next worker, then let go once")
                .containsExactly(40, 0, 0, 40);
        assertThat(story.run().reason()).isEqualTo("the application is well again; the steps go on");
        assertThat(story.said(PaceOrdered.class))
                .extracting(PaceOrdered::sequence)
                .containsExactly(1L, 2L, 2L, 3L);
    }

    @Test
    void whatIsHeldByAProbeForTooLongIsTakenBack() {
        Story story = probedAndMigrating().when(probe(false)).when(probe(false)).when(probe(false));
        assertThat(story.state()).isEqualTo(RunState.ROLLING_BACK);
        assertThat(percents(story)).containsExactly(0);
    }

    @Test
    void neitherAnOperatorNorAProbeLetsGoOnWhatTheOtherHolds() {
        Story story = probedAndMigrating().when(pauseAsked()).when(probe(false)).when(probe(true));
        assertThat(story.run().reason()).isEqualTo("the application is well again; still paused");
        story.when(probe(false)).when(resumeAsked(null));
        assertThat(percents(story)).containsOnly(0);
        assertThat(percents(story.when(probe(true)))).endsWith(0, 100);
    }

    @Test
    void cancellingTakesBackWhatWasBegunAndEndsWhatWasNot() {
        assertThat(asking().when(cancelled()).state()).isEqualTo(RunState.CANCELLED);
        assertThat(migrating().when(cancelled()).state()).isEqualTo(RunState.ROLLING_BACK);
    }

    @Test
    void wordsOfAnOldEpochOrRevisionChangeNothing() {
        Story story = migrating();
        Run old = story.run();
        story.when(fired(RunEvent.Timer.SILENCE));
        Run now = story.run();
        assertThat(story.would(ignored -> executed().apply(old)).next()).isEqualTo(now);
    }

    @Test
    void whateverHappensInWhateverOrderTheRunStaysLegal() {
        List<Function<Run, RunEvent>> events = everything();
        Property.forAll(2_000, Gen.ints(0, 2 * events.size() - 1).lists(0, 40), steps -> explore(steps, events));
    }

    private static final Set<RunEvent.Timer> WAKING =
            EnumSet.of(RunEvent.Timer.ANALYSIS, RunEvent.Timer.SILENCE, RunEvent.Timer.AGAIN);

    /** Whether a worker has something to do, so that the run stands still for ever where nobody is woken when it does not. */
    private static boolean isWaitedFor(Run run) {
        return switch (run.state()) {
            case ANALYSING, PREPARING, BACKING_UP, MIGRATING, VERIFYING, CONTRACTING, ROLLING_BACK -> true;
            default -> false;
        };
    }

    private static void explore(List<Integer> steps, List<Function<Run, RunEvent>> events) {
        Story story = steps.size() % 2 == 0 ? Story.probed("staging") : Story.on("production");
        List<Function<Run, RunEvent>> likely = List.of(
                impact(RiskLevel.LOW),
                steps.size() % 3 == 0 ? planned(planInTwoParts()) : planned(),
                steps.size() % 3 == 0 ? rehearsedInTwoParts() : rehearsed(true),
                steps.size() % 3 == 0 ? granted("bob", planInTwoParts().digest()) : granted("bob", digest()),
                probe(true),
                backedUp(),
                executed(),
                verified(true),
                fired(RunEvent.Timer.SOAK));
        int late = 0;
        for (int step : steps) {
            Function<Run, RunEvent> event =
                    step < events.size() ? events.get(step) : likely.get((step - events.size()) % likely.size());
            Run before = story.run();
            assertThatCode(() -> story.when(event)).doesNotThrowAnyException();
            Run after = story.run();
            assertThat(isWaitedFor(after) && Collections.disjoint(story.timers(), WAKING))
                    .as("%s without a timer, after %s", after.state(), event.apply(before))
                    .isFalse();
            assertThat(after.epoch()).isGreaterThanOrEqualTo(before.epoch());
            assertThat(after.sequence()).isGreaterThanOrEqualTo(before.sequence());
            if (before.state() == RunState.SUCCEEDED && after.state() == RunState.ROLLING_BACK) {
                late++; // people order it, and its end is told once more
            } else if (before.state().isEnd()) {
                assertThat(after).isEqualTo(before);
            }
        }
        assertThat(story.said(RunEnded.class).stream()
                        .filter(end -> end.outcome().result() != RunResult.ESCALATED))
                .hasSizeLessThanOrEqualTo(1 + late);
        assertThat(story.said(ExecutionOrdered.class)).allSatisfy(order -> {
            assertThat(order.approval().digest()).isEqualTo(order.digest());
            assertThat(order.approval().approver().name()).isNotEqualToIgnoringCase("ada@example.org");
        });
        List<RunStateChanged> told = story.said(RunStateChanged.class);
        for (int i = 1; i < told.size(); i++) {
            assertThat(told.get(i).sequence()).isEqualTo(told.get(i - 1).sequence() + 1);
        }
    }
}
