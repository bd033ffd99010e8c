package dev.fermata.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import dev.fermata.contracts.plan.RollbackTrial;
import dev.fermata.contracts.plan.StepFacts;
import dev.fermata.contracts.plan.StepFacts.HeldLock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalPageTest {
    private static JsonNode rehearsal() {
        StepFacts facts = new StepFacts(
                List.of(new HeldLock("public.orders", "SHARE UPDATE EXCLUSIVE")),
                "seen by looking every 10 ms",
                Duration.ofSeconds(2),
                List.of(),
                1 << 20,
                4096,
                0,
                Duration.ofMillis(3),
                null,
                null,
                "the clone has no rows");
        return Json.mapper()
                .valueToTree(new RehearsalReport(
                        "schema",
                        true,
                        null,
                        List.of(new StepTiming(1, Duration.ofSeconds(2), -1, facts)),
                        List.of(),
                        List.of(),
                        List.of(),
                        "sha256:x",
                        Duration.ofSeconds(5),
                        List.of(),
                        null,
                        new Equivalence(true, null, List.of("index i is not there"), List.of(), Duration.ofSeconds(1)),
                        List.of(new RollbackTrial(
                                Plan.Source.GENERATED, true, null, List.of(), Duration.ofSeconds(1), true)),
                        null,
                        List.of("the clone has no rows: what the change does to rows is not tried"),
                        null));
    }

    @Test
    void aPageSaysHowTheRehearsalWentAndWhatEachStepDid() {
        Page page = new Page();
        RehearsalPage.add(page, rehearsal());
        assertThat(page.toString())
                .contains("DIFFERENT", "index i is not there")
                .contains("- generated: restores catalog and rows exactly")
                .contains("STRONGEST LOCK", "SHARE UPDATE EXCLUSIVE on public.orders", "<= 2.0 s")
                .contains("time on the target: the clone has no rows");
    }

    @Test
    void markdownIsForIssuesAndEmptyBeforeTheRehearsal() {
        assertThat(RehearsalPage.markdown(rehearsal())).startsWith("### Rehearsal: passed");
        assertThat(RehearsalPage.markdown(Json.mapper().missingNode())).isEmpty();
    }
}
