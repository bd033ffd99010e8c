package dev.fermata.postgres.preflight;

import java.time.Duration;

/**
 * How far a preflight may go on a target that others work on.
 *
 * @param perQuestion longest time for one query
 * @param total longest time for all of them; what is left over is not asked
 * @param lockWait longest wait for a table that somebody holds ACCESS EXCLUSIVE
 * @param atMost rows counted exactly; above, the answer is "more than"
 * @param sampledPages pages of a table read for an estimate, after its count has timed out; 0: no estimate
 */
public record PreflightLimits(Duration perQuestion, Duration total, Duration lockWait, long atMost, int sampledPages) {
    public PreflightLimits {
        require("perQuestion", perQuestion);
        require("total", total);
        require("lockWait", lockWait);
        if (atMost < 1 || atMost == Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "atMost: " + atMost + " (expected: >= 1, and less than the largest long)");
        }
        if (sampledPages < 0) {
            throw new IllegalArgumentException("sampledPages: " + sampledPages + " (expected: >= 0)");
        }
    }

    /** Five seconds for a question and a minute for all, one second for a lock, 10,000 rows, 1,000 pages. */
    public static PreflightLimits standard() {
        return new PreflightLimits(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofSeconds(1), 10_000, 1_000);
    }

    public PreflightLimits withPerQuestion(Duration limit) {
        return new PreflightLimits(limit, total, lockWait, atMost, sampledPages);
    }

    public PreflightLimits withTotal(Duration limit) {
        return new PreflightLimits(perQuestion, limit, lockWait, atMost, sampledPages);
    }

    public PreflightLimits withLockWait(Duration limit) {
        return new PreflightLimits(perQuestion, total, limit, atMost, sampledPages);
    }

    public PreflightLimits withAtMost(long rows) {
        return new PreflightLimits(perQuestion, total, lockWait, rows, sampledPages);
    }

    public PreflightLimits withSampledPages(int pages) {
        return new PreflightLimits(perQuestion, total, lockWait, atMost, pages);
    }

    private static void require(String what, Duration limit) {
        if (limit.toMillis() < 1 || limit.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(what + ": " + limit + " (expected: 1 ms to 24 days)");
        }
    }
}
