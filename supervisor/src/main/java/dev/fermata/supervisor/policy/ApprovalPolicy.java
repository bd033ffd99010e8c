package dev.fermata.supervisor.policy;

import dev.fermata.contracts.Actor;
import dev.fermata.contracts.impact.ImpactReport;
import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.RehearsalReport;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The policy named {@code default}: a low risk outside production approves itself; everything else asks. What may be left
 * out before production is nothing.
 */
public final class ApprovalPolicy {
    /** The name under which this policy approves. */
    public static final Actor ACTOR = Actor.policy("default");

    private ApprovalPolicy() {}

    /** Why a person or program has to be asked; empty when the policy approves by itself. */
    public static List<String> reasonsToAsk(String environment, ImpactReport impact, List<RedFlag> flags) {
        List<String> reasons = new ArrayList<>();
        if (environment.equals("production")) {
            reasons.add("the target is a production database");
        }
        RiskLevel risk = risk(impact, flags);
        if (risk != RiskLevel.LOW) {
            reasons.add("the risk is " + risk.wire());
            reasons.addAll(impact.riskReasons());
            flags.forEach(flag -> reasons.add(flag.message()));
        }
        return reasons;
    }

    /** What the planner found, and what the rehearsal found out. */
    public static List<RedFlag> redFlags(Plan plan, @Nullable RehearsalReport rehearsal) {
        List<RedFlag> flags = new ArrayList<>(plan.redFlags());
        if (rehearsal != null) {
            flags.addAll(RehearsalFlags.of(rehearsal));
        }
        return flags;
    }

    /** The worst of what the analysis, the planner and the rehearsal found. */
    public static RiskLevel risk(ImpactReport impact, List<RedFlag> flags) {
        return flags.stream().map(RedFlag::severity).reduce(impact.risk(), RiskLevel::max);
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

    /** What the order asks for although this version cannot do it, for the author. */
    public static Optional<String> notOffered(WorkOrder order) {
        return order.probes().stream()
                .filter(probe -> probe.promql() != null)
                .findFirst()
                .map(probe -> "probe '" + probe.name()
                        + "': promql probes are not offered by this version; take sql or http");
    }

    /** A refusal of an answer: a stable code and the sentence for people. */
    public record Refusal(String code, String message) {}

    /** Whether an answer is about another plan than the present one. Holds for a yes and for a no. */
    public static Optional<Refusal> staleness(String givenDigest, String currentDigest) {
        return givenDigest.equals(currentDigest)
                ? Optional.empty()
                : Optional.of(new Refusal(
                        "plan-changed",
                        "you reviewed " + givenDigest + ", the plan is now " + currentDigest
                                + "; review it and answer again"));
    }

    /**
     * Whether somebody may say yes.
     *
     * @param selfApproval environments where authors may approve their own orders
     */
    public static Optional<Refusal> refusal(Actor by, String author, String environment, List<String> selfApproval) {
        if (by.kind() == Actor.Kind.POLICY || plain(by.name()).startsWith("policy:")) {
            return Optional.of(new Refusal(
                    "not-allowed", "a policy approves inside the supervisor only; answer as a person or a program"));
        }
        if (plain(by.name()).equals(plain(author)) && !selfApproval.contains(environment)) {
            return Optional.of(new Refusal(
                    "self-approval",
                    "'" + by.name() + "' wrote this order; somebody else must approve it on " + environment));
        }
        return Optional.empty();
    }

    /** Names that look the same are the same: letter case, width and space around them do not make another person. */
    private static String plain(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFKC).strip().toLowerCase(Locale.ROOT);
    }
}
