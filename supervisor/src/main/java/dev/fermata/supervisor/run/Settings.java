package dev.fermata.supervisor.run;

import java.time.Duration;
import java.util.List;

/**
 * What the decisions depend on beside the run.
 *
 * @param analysisWithin after which a run without an impact report is brought to people's notice
 * @param silence after which a worker that says nothing counts as lost; doubled each time, up to a minute
 * @param tries how often a directive that fails is given in all before something else is done
 * @param approvalWithin how long an approval question stays open on production
 * @param approvalWithinElsewhere and on other environments
 * @param probeFailures failed observations in a row that count as a sick application
 * @param selfApproval environments where authors may approve their own orders
 */
public record Settings(
        Duration analysisWithin,
        Duration silence,
        int tries,
        Duration approvalWithin,
        Duration approvalWithinElsewhere,
        int probeFailures,
        List<String> selfApproval) {
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    public Settings {
        selfApproval = List.copyOf(selfApproval);
    }

    /** Before a directive that failed is given again, for the time from 1: what was in the way may be gone by then. */
    Duration pauseBefore(int time) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(2 * (time - 1), 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    Duration silenceAfter(int silences) {
        Duration wait = silence.multipliedBy(1L << Math.min(silences, 10));
        Duration longest = LONGEST_SILENCE.compareTo(silence) > 0 ? LONGEST_SILENCE : silence;
        return wait.compareTo(longest) > 0 ? longest : wait;
    }
}
