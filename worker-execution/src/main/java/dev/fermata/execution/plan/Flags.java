package dev.fermata.execution.plan;

import dev.fermata.contracts.impact.RedFlag;
import dev.fermata.contracts.impact.RiskLevel;
import dev.fermata.contracts.plan.Inverse;
import java.util.ArrayList;
import java.util.List;

/** What people should know of a plan before they approve it. */
final class Flags {
    private Flags() {}

    static List<RedFlag> of(List<Drafted> drafted, boolean authorsRollback) {
        List<RedFlag> flags = new ArrayList<>();
        for (Drafted each : drafted) {
            flags.addAll(each.draft().flags());
            switch (each.draft().undo()) {
                case Undo.Impossible impossible ->
                    flags.add(new RedFlag(
                            "rollback-may-lose-data",
                            RiskLevel.HIGH,
                            "only the author's rollback takes it back: " + impossible.why()));
                case Undo.Possible possible -> {
                    Inverse inverse = possible.inverse();
                    if (!inverse.lossless() && !authorsRollback) {
                        flags.add(new RedFlag(
                                "rollback-loses-new-data", RiskLevel.LOW, "after a rollback: " + inverse.note()));
                    }
                    if (!inverse.leaves().isEmpty() && !authorsRollback) {
                        flags.add(new RedFlag("rollback-leaves", RiskLevel.LOW, "after a rollback: " + left(inverse)));
                    }
                }
            }
        }
        return flags;
    }

    private static String left(Inverse inverse) {
        String note = inverse.note();
        return inverse.lossless() && note != null
                ? note
                : String.join(", ", inverse.leaves()) + " has its columns in another order";
    }
}
