package dev.fermata.cli.client;

import java.time.Duration;

/** What became of several orders, a row each. */
public final class OutcomeTable {
    private static final int LONGEST_REASON = 100;

    private final Table table = new Table("ORDER", "TARGET", "RESULT", "STEPS", "TOOK", "REASON");

    /**
     * @param result wire name of a state or result, possibly with more words behind it
     * @param steps how many took effect, those included that were taken back later
     */
    public OutcomeTable add(String order, String target, String result, int steps, Duration took, String reason) {
        table.row(
                order,
                target,
                Terminal.state(result),
                Integer.toString(steps),
                Times.took(took),
                Plain.shortened(Plain.line(reason), LONGEST_REASON));
        return this;
    }

    @Override
    public String toString() {
        return table.toString();
    }
}
