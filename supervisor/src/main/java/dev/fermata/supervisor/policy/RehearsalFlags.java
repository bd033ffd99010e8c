package dev.fermata.supervisor.policy;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.plan.Equivalence;
import dev.fermata.contracts.plan.Plan;
import dev.fermata.contracts.plan.QueryGuard;
import dev.fermata.contracts.plan.RehearsalReport;
import dev.fermata.contracts.plan.RollbackTrial;
import java.util.ArrayList;
import java.util.List;

/** What a rehearsal that passed found out all the same that people should know before they approve. */
final class RehearsalFlags {
    private RehearsalFlags() {}

    static List<RedFlag> of(RehearsalReport rehearsal) {
        List<RedFlag> flags = new ArrayList<>();
        if (rehearsal.queryGuard() != null) {
            flags.addAll(queries(rehearsal.queryGuard()));
        }
        if (rehearsal.equivalence() != null) {
            flags.addAll(equivalence(rehearsal.equivalence()));
        }
        flags.addAll(waysBack(rehearsal));
        return flags;
    }

    private static List<RedFlag> queries(QueryGuard guard) {
        return guard.changes().stream()
                .map(change -> new RedFlag(
                        "query-" + change.effect().wire(),
                        change.effect() == QueryGuard.Effect.FAILS ? RiskLevel.HIGH : RiskLevel.MEDIUM,
                        "a query that ran " + change.calls() + " times: " + change.what() + ": " + change.sql()))
                .toList();
    }

    private static List<RedFlag> equivalence(Equivalence equivalence) {
        List<RedFlag> flags = new ArrayList<>();
        if (!equivalence.compared()) {
            flags.add(new RedFlag(
                    "equivalence-not-proven",
                    RiskLevel.MEDIUM,
                    "whether the plan leads to the same as the change as it is written is not known: "
                            + equivalence.whyNot()));
        }
        if (!equivalence.differences().isEmpty()) {
            flags.add(new RedFlag(
                    "not-equivalent",
                    RiskLevel.HIGH,
                    "the plan does not lead to what the change as it is written leads to: "
                            + String.join("; ", equivalence.differences())));
        }
        if (!equivalence.columnOrder().isEmpty()) {
            flags.add(new RedFlag(
                    "column-order",
                    RiskLevel.LOW,
                    "the columns come in another order than as written in "
                            + String.join(", ", equivalence.columnOrder())
                            + ", which SELECT * and INSERT without a list of columns can tell"));
        }
        return flags;
    }

    private static List<RedFlag> waysBack(RehearsalReport rehearsal) {
        List<RedFlag> flags = new ArrayList<>();
        for (RollbackTrial trial : rehearsal.rollbacks()) {
            boolean authors = trial.source() == Plan.Source.AUTHOR;
            if (authors && !trial.restores()) {
                flags.add(new RedFlag(
                        "rollback-is-no-inverse",
                        RiskLevel.HIGH,
                        "the author's rollback does not restore what was there: "
                                + (trial.failure() == null
                                        ? String.join("; ", trial.differences())
                                        : trial.failure())));
            }
        }
        if (rehearsal.betterRollback() == Plan.Source.GENERATED) {
            flags.add(new RedFlag(
                    "generated-rollback-is-better",
                    RiskLevel.LOW,
                    "the rollback that the plan would bring restores everything and keeps what is written meanwhile;"
                            + " leave the author's out of the order to have it"));
        }
        return flags;
    }
}
