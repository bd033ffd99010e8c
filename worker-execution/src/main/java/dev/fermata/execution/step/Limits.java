package dev.fermata.execution.step;

import dev.fermata.contracts.plan.Plan;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a step may make others wait, how often it is tried, and how long it may wait itself. The ladder begins with a
 * short lock timeout, as the application waits behind ours for as long as it lasts, and climbs to the one of the plan.
 *
 * @param lockTimeout longest wait in a queue for a lock; what the application can bear
 * @param attempts how often a step is tried
 * @param total longest time that a step may spend on attempts that got no lock, with all pauses
 * @param outside longest look-out, before one attempt, for what is in the way
 * @param longestWait of a statement that waits without making anybody wait, such as CREATE INDEX CONCURRENTLY
 * @param statementTimeout of the plan; zero: none
 * @param batchTime that a batch of a data change should take
 * @param longestHold longest time that brakes may hold a data change
 * @param brakes what the server can take
 */
record Limits(
        Duration lockTimeout,
        int attempts,
        Duration total,
        Duration outside,
        Duration longestWait,
        Duration statementTimeout,
        Duration batchTime,
        Duration longestHold,
        Brake.BrakeLimits brakes) {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_OUTSIDE = Duration.ofSeconds(30);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(20);
    private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(50);
    private static final Duration BATCH_TIME = Duration.ofMillis(200);

    /** A batch that takes longer than aimed at should still not make the application wait for longer than it can bear. */
    private static final int BATCHES_IN_A_TIMEOUT = 3;

    private static final Duration LONGEST_HOLD = Duration.ofHours(1);
    private static final double GROWTH = 1.5;
    private static final int SHARE_OF_FIRST = 10;

    static Limits of(Plan.Settings settings) {
        Duration total = settings.lockTimeout().plus(LONGEST_PAUSE).multipliedBy(settings.lockAttempts());
        Duration third = total.dividedBy(3);
        return new Limits(
                settings.lockTimeout(),
                settings.lockAttempts(),
                total,
                shorter(third, LONGEST_OUTSIDE),
                total.compareTo(LONGEST_WAIT) > 0 ? total : LONGEST_WAIT,
                settings.statementTimeout(),
                shorter(BATCH_TIME, settings.lockTimeout().dividedBy(BATCHES_IN_A_TIMEOUT)),
                LONGEST_HOLD,
                Brake.BrakeLimits.DEFAULT);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** For a batch that can be split: two attempts say enough. */
    Limits splittable() {
        return new Limits(
                lockTimeout,
                Math.min(attempts, 2),
                total,
                outside,
                longestWait,
                statementTimeout,
                batchTime,
                longestHold,
                brakes);
    }

    /** The lock timeout of an attempt, from 1; the last has all there is. */
    Duration timeout(int attempt) {
        if (attempt >= attempts) {
            return lockTimeout;
        }
        double first = Math.max((double) SHORTEST_TIMEOUT.toMillis(), lockTimeout.toMillis() / (double) SHARE_OF_FIRST);
        double millis = first * Math.pow(GROWTH, attempt - 1.0);
        return millis >= lockTimeout.toMillis() ? lockTimeout : Duration.ofMillis((long) millis);
    }

    /** Before the attempt after this one. */
    Duration pause(int attempt, RandomGenerator random) {
        long longest = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(attempt, 10));
        return Duration.ofMillis(longest / 2 + random.nextLong(longest / 2 + 1));
    }

    /** How long others may wait behind a statement that waits itself: half of what it would wait. */
    static Duration behindQueue(Duration timeout) {
        return timeout.dividedBy(2);
    }

    /** How long others may wait for what a statement holds: leaves time to give it back within the plan's lock timeout. */
    Duration behindHeld() {
        return lockTimeout.multipliedBy(6).dividedBy(10);
    }
}
