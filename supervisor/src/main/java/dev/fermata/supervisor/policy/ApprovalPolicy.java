package dev.fermata.supervisor.policy;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The policy named {@code default}: a low risk outside production approves itself; everything else asks. What may be left
 * out before production is nothing.
 */
public final class ApprovalPolicy {
    /** The name under which this policy approves. */
    public static final Actor ACTOR = Actor.policy("default");

    private ApprovalPolicy() {}

    /** Why a person or program has to be asked; empty when the policy approves by itself. */
    public static List<String> reasonsToAsk(String environment, ImpactReport impact, Plan plan) {
        List<String> reasons = new ArrayList<>();
        if (environment.equals("production")) {
            reasons.add("the target is a production database");
        }
        if (risk(impact, plan) != RiskLevel.LOW) {
            reasons.addAll(impact.riskReasons());
            plan.redFlags().forEach(flag -> reasons.add(flag.message()));
        }
        return reasons;
    }

    /** The worse of what the analysis and the planner found. */
    public static RiskLevel risk(ImpactReport impact, Plan plan) {
        return plan.redFlags().stream().map(RedFlag::severity).reduce(impact.risk(), RiskLevel::max);
    }

    /** What the order leaves out although this environment does not allow it, for the author. */
    public static Optional<String> forbiddenShortcut(String environment, WorkOrder order) {
        if (!environment.equals("production")) {
            return Optional.empty();
        }
        if (order.rehearsal().cloneBy() == WorkOrder.Clone.NONE) {
            return Optional.of("rehearsal.clone: none is not allowed on production; take auto");
        }
        if (order.backup().mode() == WorkOrder.BackupMode.NONE) {
            return Optional.of("backup.mode: none is not allowed on production; take affected");
        }
        return Optional.empty();
    }

    /** A refusal of an answer: a stable code and the sentence for people. */
    public record Refusal(String code, String message) {}

    /**
     * Whether somebody may say yes.
     *
     * @param selfApproval environments where authors may approve their own orders
     */
    public static Optional<Refusal> refusal(
            Actor by, String givenDigest, String currentDigest, String author, String environment, List<String> selfApproval) {
        if (!givenDigest.equals(currentDigest)) {
            return Optional.of(new Refusal(
                    "plan-changed",
                    "you reviewed " + givenDigest + ", the plan is now " + currentDigest + "; review it and answer again"));
        }
        if (by.kind() == Actor.Kind.POLICY) {
            return Optional.of(new Refusal(
                    "not-allowed", "a policy approves inside the supervisor only; answer as a person or a program"));
        }
        if (by.name().equalsIgnoreCase(author) && !selfApproval.contains(environment)) {
            return Optional.of(new Refusal(
                    "self-approval", "'" + by.name() + "' wrote this order; somebody else must approve it on " + environment));
        }
        return Optional.empty();
    }
}
