package dev.fermata.conductor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RelationLock;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.impact.StatementImpact;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.message.ApprovalMessage.ApprovalRequested;
import dev.fermata.contracts.message.ExecutionMessage.PlanPrepared;
import dev.fermata.contracts.message.ExecutionMessage.RehearsalReported;
import dev.fermata.contracts.message.ImpactMessage.ImpactReported;
import dev.fermata.contracts.message.OutcomeMessage.RunEnded;
import dev.fermata.contracts.message.OutcomeMessage.RunStateChanged;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.outcome.Gate;
import dev.fermata.contracts.outcome.Outcome;
import dev.fermata.contracts.outcome.RunResult;
import dev.fermata.contracts.plan.Inverse;
import dev.fermata.contracts.plan.Phase;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.Step;
import dev.fermata.contracts.plan.StepKind;
import dev.fermata.contracts.run.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the other services say about a run that adds a column. */
final class Said {
    static final Instant NOW = Instant.parse("2026-12-01T22:00:00Z");

    private Said() {}

    static RunStateChanged state(RunId run, int sequence, RunState state, @Nullable String digest) {
        return state(run, 1, sequence, state, digest);
    }

    static RunStateChanged state(RunId run, int revision, int sequence, RunState state, @Nullable String digest) {
        String waiting = state.isEnd() ? null : "somebody";
        return new RunStateChanged(run, revision, sequence, state, "because of " + state.wire(), waiting, digest, NOW);
    }

    static ImpactReported impact(RunId run, int revision) {
        StatementImpact statement = new StatementImpact(
                0,
                1,
                1,
                "ALTER TABLE orders ADD COLUMN status text",
                "ALTER TABLE",
                List.of(new RelationLock("public.orders", "ACCESS EXCLUSIVE", List.of("reads", "writes"))),
                true,
                false,
                false,
                List.of(),
                null);
        return new ImpactReported(
                run,
                revision,
                new ImpactReport(
                        180006,
                        "production",
                        List.of(statement),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        RiskLevel.LOW,
                        List.of("adds a column without a default"),
                        NOW,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()));
    }

    static Plan plan(RunId run, int revision) {
        Step step = new Step(
                1,
                Phase.EXPAND,
                StepKind.TRANSACTION,
                List.of("ALTER TABLE public.orders ADD COLUMN status text"),
                List.of(new RelationLock("public.orders", "ACCESS EXCLUSIVE", List.of("reads", "writes"))),
                true,
                "as written: adding a column takes a moment",
                0,
                Inverse.transaction("ALTER TABLE public.orders DROP COLUMN status"),
                List.of("SELECT true"),
                null);
        return new Plan(
                run,
                revision,
                new Plan.DatabaseIdentity("7441234567890123456", "shop"),
                WorkOrder.Strategy.ONLINE,
                List.of(step),
                new Plan.Rollback(Plan.Source.GENERATED, List.of()),
                new Plan.Settings(Duration.ofSeconds(1), 30, Duration.ofHours(1)),
                "sha256:" + "0123456789abcdef".repeat(4),
                List.of("public.orders"),
                List.of());
    }

    static PlanPrepared planPrepared(RunId run, int revision) {
        Plan plan = plan(run, revision);
        return new PlanPrepared(run, revision, 1, plan, plan.digest());
    }

    static RehearsalReported rehearsed(RunId run, int revision) {
        RehearsalReport report = new RehearsalReport(
                "template",
                true,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                Duration.ofMillis(1500),
                List.of(),
                null);
        return new RehearsalReported(run, revision, 1, plan(run, revision).digest(), report);
    }

    static ApprovalRequested question(RunId run, int revision) {
        return new ApprovalRequested(
                run,
                revision,
                plan(run, revision).digest(),
                "May 'Add status to orders' run on shop in 1 steps?",
                "ada@example.org",
                "production",
                RiskLevel.LOW,
                List.of("the target is a production database"),
                List.of(),
                NOW,
                NOW.plusSeconds(86_400));
    }

    static RunEnded ended(RunId run, RunResult result) {
        Gate planned = new Gate(Gate.Name.PLANNED, Gate.Status.PASSED, "1 steps", NOW, "execution worker");
        return new RunEnded(
                run,
                1,
                new Outcome(
                        result,
                        "1 step took effect, verified",
                        plan(run, 1).digest(),
                        List.of(planned),
                        List.of(),
                        List.of(),
                        Map.of("totalMillis", 4200L),
                        null,
                        List.of(),
                        NOW,
                        NOW.plusSeconds(4)));
    }

    /** A work order file of this name. */
    static String document(String name, String... targets) {
        return """
            ---
            name: %s
            title: Add status to orders
            author: ada@example.org
            targets: [%s]
            ---
            The checkout needs it.

            ```sql change
            ALTER TABLE orders ADD COLUMN status text;
            ```
            """.formatted(name, String.join(", ", targets));
    }

    static String json(Object value) {
        return tree(value).toString();
    }

    /** As it is when it was written and read. */
    static JsonNode tree(Object value) {
        try {
            return Json.mapper().readTree(Json.mapper().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
