package dev.fermata.analysis.rule;

import dev.fermata.contracts.order.WorkOrder;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Under what circumstances a change is looked at.
 *
 * @param majorVersion of the server it is for
 * @param strategy whether statements run as written
 * @param runner who will run it
 * @param transactions how its statements are put into transactions
 * @param target empty where only the text is known
 * @param neighbours empty where the change stands alone
 * @param today by which suppressions expire
 */
public record Situation(
        int majorVersion,
        WorkOrder.Strategy strategy,
        Runner runner,
        Transactions transactions,
        Optional<Target> target,
        Optional<Neighbours> neighbours,
        LocalDate today) {

    /** The newest version known, statements as written and one by one, no database. */
    public static Situation textOnly(LocalDate today) {
        return new Situation(
                18,
                WorkOrder.Strategy.AS_WRITTEN,
                Runner.OTHER,
                Transactions.PER_STATEMENT,
                Optional.empty(),
                Optional.empty(),
                today);
    }

    public Situation with(Target target) {
        return new Situation(majorVersion, strategy, runner, transactions, Optional.of(target), neighbours, today);
    }

    public Situation with(Neighbours neighbours) {
        return new Situation(majorVersion, strategy, runner, transactions, target, Optional.of(neighbours), today);
    }

    public Situation with(Transactions transactions) {
        return new Situation(majorVersion, strategy, runner, transactions, target, neighbours, today);
    }

    public Situation with(int majorVersion) {
        return new Situation(majorVersion, strategy, runner, transactions, target, neighbours, today);
    }

    /** How statements are put into transactions, where the script itself does not say. */
    public enum Transactions {
        /** Each in one of its own, as Fermata and psql do. */
        PER_STATEMENT,
        /** All of a file in one, as most migration tools do. */
        PER_FILE
    }

    /** Who runs the statements. */
    public enum Runner {
        /** Decides transactions, time limits and roles itself. */
        FERMATA,
        /** Another tool, which runs the file as it is. */
        OTHER
    }
}
