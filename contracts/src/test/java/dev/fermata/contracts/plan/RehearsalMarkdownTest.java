package dev.fermata.contracts.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fermata.contracts.plan.RehearsalReport.StepTiming;
import dev.fermata.contracts.plan.StepFacts.HeldLock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RehearsalMarkdownTest {
    private static RehearsalReport report(String relation, Equivalence equivalence) {
        StepFacts facts = new StepFacts(
                List.of(new HeldLock(relation, "ACCESS EXCLUSIVE"), new HeldLock("public.b", "ROW SHARE")),
                "read by the session right before its commit",
                Duration.ofMillis(42),
                List.of("public.t"),
                5L << 20,
                0,
                2048,
                Duration.ofMillis(40),
                Duration.ofMillis(1500),
                10.0,
                "public.t takes 1.0 GiB on the target and 102.4 MiB on the clone");
        return new RehearsalReport(
                "sample",
                true,
                null,
                List.of(new StepTiming(1, Duration.ofSeconds(3), 1200, facts)),
                List.of(new StepTiming(1, Duration.ofMillis(5), -1, null)),
                List.of(),
                List.of(),
                "sha256:x",
                Duration.ofSeconds(70),
                List.of(),
                null,
                equivalence,
                List.of(
                        new RollbackTrial(
                                Plan.Source.AUTHOR, false, null, List.of("column c is left over"), Duration.ZERO, null),
                        new RollbackTrial(Plan.Source.GENERATED, true, null, List.of(), Duration.ofSeconds(2), true)),
                Plan.Source.GENERATED,
                List.of("the clone has a sample of the rows"),
                null);
    }

    @Test
    void everythingThatWasMeasuredIsInATableThatPeopleCanRead() {
        String markdown =
                RehearsalMarkdown.of(report("public.t", new Equivalence(true, null, List.of(), List.of(), null)));
        assertThat(markdown)
                .contains("### Rehearsal: passed", "on a clone (sample) in 1 min 10 s", "- the clone has a sample")
                .contains("The plan leads to the same catalog and the same rows.")
                .contains("- the author's: does **not** restore what was there: column c is left over")
                .contains("- generated from the steps (the better one): restores catalog and rows exactly, in 2.0 s")
                .contains("| 1 | 3.0 s | \\~30.0 s | ACCESS EXCLUSIVE on public.t | \\<= 42 ms | 40 ms | 1.5 s |"
                        + " public.t | 1,200 | 5.0 MiB | - | 2.0 KiB |")
                .contains("| back 1 | 5 ms | ?")
                .contains("- time on the target: times 10.0: public.t takes 1.0 GiB")
                .endsWith("\n");
    }

    @Test
    void aDifferenceAndAReasonAreSaid() {
        assertThat(RehearsalMarkdown.of(report(
                        "public.t", new Equivalence(true, null, List.of("index i is not there"), List.of("t"), null))))
                .contains("**The plan leads to something else:**\n- index i is not there\n- t: the same columns");
        assertThat(RehearsalMarkdown.of(report("public.t", Equivalence.notCompared("no second clone"))))
                .contains("Not compared: no second clone");
    }

    @Test
    void aNameCannotBreakOutOfItsCell() {
        String evil = "public.\"a|b\n<script>`[x](http://y)\"";
        String row = RehearsalMarkdown.of(report(evil, Equivalence.notCompared("no")))
                .lines()
                .filter(line -> line.startsWith("| 1 "))
                .findFirst()
                .orElseThrow();
        assertThat(row).contains("a\\|b \\<script\\>\\`\\[x\\]\\(http://y\\)");
        assertThat(row.replace("\\|", "").chars().filter(c -> c == '|').count())
                .isEqualTo(MeasuredSteps.HEADINGS.size() + 1);
    }
}
