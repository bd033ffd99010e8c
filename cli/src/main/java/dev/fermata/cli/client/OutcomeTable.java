package dev.fermata.cli.client;

import java.time.Duration;

/** What became of several orders, a row each. */
public final class OutcomeTable {
    private static final int LONGEST_REASON = 100;

    private final Table table = new Table("ORDER", "TARGET", "RESULT", "STEPS", "TOOK", "REASON");

    /** A row for which the number of steps is not known. */
    public OutcomeTable add(String order, String target, String result, Duration took, String reason) {
        return add(order, target, result, "-", took, reason);
    }

    /** @param result wire name of a state or result, possibly with more words behind it */
    public OutcomeTable add(String order, String target, String result, int steps, Duration took, String reason) {
        return add(order, target, result, Integer.toString(steps), took, reason);
    }

    private OutcomeTable add(String order, String target, String result, String steps, Duration took, String reason) {
        table.row(
                order,
                target,
                Terminal.state(result),
                steps,
                Times.took(took),
                Plain.shortened(Plain.line(reason), LONGEST_REASON));
        return this;
    }

    @Override
    public String toString() {
        return table.toString();
    }
}
